#!/usr/bin/env python3
"""An object store that speaks S3, for tests and demo: moto's server on the loopback, as a process of its own.

    s3_server.py [--port 0] [--bucket bank]

Prints one line of JSON when it listens, {"ready": true, "url": ..., "bucket": ...}, and runs until SIGTERM.
"""

import argparse
import json
import os
import signal
import threading

import boto3
from moto.server import ThreadedMotoServer


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--bucket", default="bank")
    options = parser.parse_args()
    os.environ["no_proxy"] = "127.0.0.1"
    server = ThreadedMotoServer("127.0.0.1", options.port, verbose=False)
    server.start()
    _host, port = server.get_host_and_port()
    url = f"http://127.0.0.1:{port}"
    login = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=url, **login).create_bucket(Bucket=options.bucket)
    print(json.dumps({"ready": True, "url": url, "bucket": options.bucket}), flush=True)
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_signal: over.set())
    over.wait()
    os._exit(0)


if __name__ == "__main__":
    main()
