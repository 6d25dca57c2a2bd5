#!/usr/bin/env python3
"""Starts the third-party AWS server (moto) for one test binary.

    python -B launch.py [--stock] [--port N]

Prints one line, `READY http://127.0.0.1:PORT http://127.0.0.1:PORT`, then serves until its stdin is closed: whoever
holds the other end of that pipe may die any way it likes and no server is left behind.
The second address is AWS Backup, which moto hardly knows: see `backup_server.py`.
`--stock` leaves moto exactly as published; see `peer_rules.py` for what is changed otherwise.
"""

import argparse
import json
import logging
import os
import sys
import tempfile
import threading
import traceback

# One image is enough.  moto's own list has 1,300, each of which also makes a public snapshot
# per account and region: seconds and megabytes that no test looks at.
IMAGES = [
    {
        "ami_id": "ami-0de71b0a2023c0de1",
        "name": "al2023-ami-2023.9-kernel-6.1-x86_64",
        "description": "a Linux image",
        "owner_id": "137112412989",
        "public": True,
        "architecture": "x86_64",
        "virtualization_type": "hvm",
        "hypervisor": "xen",
        "image_type": "machine",
        "state": "available",
        "sriov": "simple",
        "root_device_type": "ebs",
        "root_device_name": "/dev/xvda",
        "creation_date": "2026-01-05T00:00:00.000Z",
    }
]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stock", action="store_true", help="no change to moto itself")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    return parser.parse_args()


def few_images():
    """moto reads its image list while it is imported, so this must come first."""
    handle = tempfile.NamedTemporaryFile("w", suffix=".json", delete=False)
    with handle:
        json.dump(IMAGES, handle)
    os.environ["MOTO_AMIS_PATH"] = handle.name
    return handle.name


def build_server(stock, port):
    from moto.moto_server.werkzeug_app import (
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug.serving import make_server

    from peer_control import ControlSurface

    if not stock:
        import peer_rules

        peer_rules.install()
    app = ControlSurface(DomainDispatcherApplication(create_backend_app))
    return make_server("127.0.0.1", port, app, threaded=True, request_handler=MotoRequestHandler)


def build_backup_server():
    """In this process, where moto can be asked whose access key it is."""
    from werkzeug.serving import make_server

    from backup_server import BackupServer

    return make_server("127.0.0.1", 0, BackupServer(), threaded=True)


def main():
    args = arguments()
    # Access lines would drown the tracebacks that make this log worth reading.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    images = None if args.stock else few_images()
    try:
        server = build_server(args.stock, args.port)
        backup = build_backup_server()
        os.environ["MOTO_PORT"] = str(server.server_port)
        for one in (server, backup):
            threading.Thread(target=one.serve_forever, daemon=True).start()
        urls = [f"http://127.0.0.1:{one.server_port}" for one in (server, backup)]
        print("READY", *urls, flush=True)
        sys.stdin.buffer.read()
    finally:
        if images:
            os.unlink(images)
        # Connections under way keep threads alive; there is nothing worth waiting for.
        sys.stdout.flush()
        os._exit(0 if sys.exc_info()[0] is None else report_failure())


def report_failure():
    traceback.print_exc()
    sys.stderr.flush()
    return 1


if __name__ == "__main__":
    main()
