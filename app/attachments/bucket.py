"""An S3 bucket as storage: `s3://bucket/prefix`; endpoint, region and credentials are the usual AWS variables'."""

import hashlib
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, BinaryIO

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from app.attachments.storage import Changed, Kept, StorageError, begun, pieces, place
from config import MAX_FILE

AT_ONCE = 1000  # keys that one request may remove


class Bucket:
    """See Storage. S3 itself puts an object whole or not at all."""

    def __init__(self, bucket: str, prefix: str) -> None:
        self.bucket, self.prefix = bucket, prefix
        config = Config(connect_timeout=3, read_timeout=15, retries={"total_max_attempts": 2})
        with self._told():
            self.client = Session().client("s3", config=config)

    def put(self, digest: str, source: BinaryIO) -> None:
        if self.has(digest):
            return
        content = source.read(MAX_FILE + 1)
        sha256 = hashlib.sha256(content)
        if sha256.hexdigest() != digest:
            raise Changed("other bytes came than were looked at")
        with self._told():
            self.client.put_object(
                **self._object(digest), Body=content, ChecksumSHA256=b64encode(sha256.digest()).decode()
            )

    def read(self, digest: str, start: int, length: int) -> Iterator[bytes]:
        with self._told():
            found = self.client.get_object(**self._object(digest), Range=f"bytes={start}-{start + length - 1}")
        return begun(self._pieces(found["Body"], length))

    def has(self, digest: str) -> bool:
        with self._told():
            try:
                self.client.head_object(**self._object(digest))
            except ClientError as error:
                if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
                    return False
                raise
        return True

    def remove(self, digests: Sequence[str]) -> None:
        for first in range(0, len(digests), AT_ONCE):
            keys = [{"Key": self._key(digest)} for digest in digests[first : first + AT_ONCE]]
            with self._told():
                answer = self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": keys, "Quiet": True})
            for error in answer.get("Errors", ()):
                raise StorageError(f"{self}: {error.get('Message')}")

    def kept(self) -> Iterator[Kept]:
        with self._told():
            for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix):
                for item in page.get("Contents", ()):
                    digest = item["Key"].rsplit("/", 1)[-1]
                    if item["Key"] == f"{self.prefix}{digest[:2]}/{digest}" and len(digest) == 64:
                        yield Kept(digest, item["Size"], item["LastModified"])

    def tidy(self, before: datetime) -> int:
        return 0  # an upload in one request leaves nothing behind

    def check(self) -> None:
        with self._told():
            self.client.head_bucket(Bucket=self.bucket)

    def __str__(self) -> str:
        return f"STORAGE_URL s3://{self.bucket}/{self.prefix}"

    def _key(self, digest: str) -> str:
        return f"{self.prefix}{place(digest)}"

    def _object(self, digest: str) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": self._key(digest)}

    def _pieces(self, body: Any, length: int) -> Iterator[bytes]:
        with self._told():
            yield from pieces(body, length)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (BotoCoreError, ClientError) as error:
            raise StorageError(f"{self}: {error}") from error
