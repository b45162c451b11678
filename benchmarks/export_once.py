"""One export as the province, in a process of its own: prints seconds, MB over idle, bytes."""

import sys
import time

from app import create_app
from benchmarks.measure import PASSWORD, forget_peak, memory
from tests.browsing import Browser


def main(suffix: str) -> None:
    browser = Browser(create_app()).sign_in("province", PASSWORD)
    browser.get("/registrations/export.csv?q=nobody")
    browser.get("/registrations/export.xlsx?q=nobody")
    forget_peak()
    idle, began, size = memory("VmRSS"), time.perf_counter(), 0
    answer = browser.client.get(f"/registrations/export.{suffix}?status=all", buffered=False)
    for part in answer.response:
        size += len(part)
    print(time.perf_counter() - began, memory("VmHWM") - idle, size)


if __name__ == "__main__":
    main(sys.argv[1])
