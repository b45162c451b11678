"""One download in a process of its own: prints seconds, MB over idle, bytes."""

import sys
import time

from app import create_app
from benchmarks.measure import PASSWORD, forget_peak, memory
from tests.browsing import Browser


def main(username: str, address: str, idle: str) -> None:
    browser = Browser(create_app()).sign_in(username, PASSWORD)
    assert browser.get(idle).status_code == 200, idle
    forget_peak()
    held, began, size = memory("VmRSS"), time.perf_counter(), 0
    answer = browser.client.get(address, buffered=False)
    for part in answer.response:
        size += len(part)
    assert answer.status_code == 200, address
    print(time.perf_counter() - began, memory("VmHWM") - held, size)


if __name__ == "__main__":
    main(*sys.argv[1:])
