"""The control surface of the test server: a WSGI layer that sees each request before moto does.

    POST   /__test__/set_time   [{account, region, kind, id, time}]   kind: snapshot, volume or instance
    POST   /__test__/set_state  [{account, region, id, state}]        of a snapshot
    POST   /__test__/faults     [{service, action, times, delay_ms, code, message, status, drop, after}]
    GET    /__test__/calls      [{service, action, account, dry_run, key}]; DELETE forgets them
    GET    /__test__/sessions   [{key, secret, token, serial, code}] of roles that were assumed in the account

`faults` and `calls` act on the account in the header `x-moto-account-id`, so parallel tests do
not meet.  Requests are counted for the account that moto itself would work them out for: the
header, or the one an access key belongs to.
"""

import io
import json
import socket
import threading
import time
from datetime import datetime
from urllib.parse import parse_qs

ACCOUNT_HEADER = "HTTP_X_MOTO_ACCOUNT_ID"


class Request:
    """What the rules below need to know of one request."""

    def __init__(self, environ):
        length = int(environ.get("CONTENT_LENGTH") or 0)
        self.body = environ["wsgi.input"].read(length) if length else b""
        environ["wsgi.input"] = io.BytesIO(self.body)
        self.path = environ.get("PATH_INFO", "")
        self.method = environ["REQUEST_METHOD"]
        scope = self._credential_scope(environ.get("HTTP_AUTHORIZATION", ""))
        self.service = scope[3] if len(scope) > 3 else ""
        self.key = scope[0]
        self.account = environ.get(ACCOUNT_HEADER) or self._account_of(self.key)
        self._read_action(environ)

    @staticmethod
    def _credential_scope(authorization):
        """KEY/DATE/REGION/SERVICE/aws4_request, or [""] for an unsigned request."""
        _, found, rest = authorization.partition("Credential=")
        return rest.partition(",")[0].split("/") if found else [""]

    @staticmethod
    def _account_of(access_key):
        from moto.iam.models import get_account_id_from

        return get_account_id_from(access_key)

    def _read_action(self, environ):
        target = environ.get("HTTP_X_AMZ_TARGET")
        self.dry_run = False
        if target:
            self.action, self.protocol = target.rpartition(".")[2], "json"
        elif "form" in environ.get("CONTENT_TYPE", ""):
            form = parse_qs(self.body.decode("utf-8", "replace"))
            self.action = form.get("Action", [""])[0]
            self.dry_run = form.get("DryRun", ["false"])[0] == "true"
            self.protocol = "ec2" if self.service == "ec2" else "query"
        else:
            self.action, self.protocol = f"{self.method} {self.path}", "json"


class ControlSurface:
    def __init__(self, app):
        self.app = app
        self.lock = threading.Lock()
        self.faults = {}
        self.calls = []

    def __call__(self, environ, start_response):
        request = Request(environ)
        if request.path.startswith("/__test__/"):
            return self.control(environ, request, start_response)
        fault = self.note_and_match(request)
        if not fault:
            return self.app(environ, start_response)
        time.sleep(fault.get("delay_ms", 0) / 1000)
        if fault.get("after"):
            # The effect takes place and only the answer is lost.
            b"".join(self.app(environ, lambda *_: None))
        if fault.get("drop"):
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionResetError("dropped by a test")
        if fault.get("code"):
            return error_answer(request.protocol, fault, start_response)
        return self.app(environ, start_response)

    def note_and_match(self, request):
        """Records the call; returns the first fault meant for it that is not used up."""
        with self.lock:
            self.calls.append(
                {
                    "service": request.service,
                    "action": request.action,
                    "account": request.account,
                    "dry_run": request.dry_run,
                    "key": request.key,
                }
            )
            for fault in self.faults.get(request.account, []):
                asked = (fault.get("service", request.service), fault.get("action", request.action))
                if asked == (request.service, request.action) and fault.setdefault("times", 1) > 0:
                    fault["times"] -= 1
                    return fault
        return None

    def control(self, environ, request, start_response):
        account = environ.get(ACCOUNT_HEADER)
        rows = json.loads(request.body) if request.body else []
        try:
            answer = self.control_answer(request, account, rows)
            status = "200 OK"
        except Exception as error:  # a test must see its own mistake, not a dead connection
            answer, status = {"error": f"{type(error).__name__}: {error}"}, "400 Bad Request"
        return reply(start_response, status, "application/json", json.dumps(answer))

    def control_answer(self, request, account, rows):
        name = request.path.rpartition("/")[2]
        if name == "set_time":
            return {"set": [set_time(row) for row in rows]}
        if name == "sessions":
            return sessions(account)
        if name == "set_state":
            return {"set": [set_state(row) for row in rows]}
        with self.lock:
            if name == "faults":
                self.faults[account] = rows
                return {"faults": len(rows)}
            if name == "calls":
                mine = [call for call in self.calls if call["account"] == account]
                if request.method == "DELETE":
                    self.calls = [call for call in self.calls if call["account"] != account]
                return mine
        raise LookupError(f"nothing answers {request.path}")


def ec2(row):
    from moto.backends import get_backend

    return get_backend("ec2")[row["account"]][row["region"]]


def set_time(row):
    when = datetime.fromisoformat(row["time"].replace("Z", "+00:00"))
    if row["kind"] == "snapshot":
        ec2(row).snapshots[row["id"]].start_time = when
    elif row["kind"] == "volume":
        ec2(row).volumes[row["id"]].create_time = when
    elif row["kind"] == "instance":
        ec2(row).get_instance(row["id"]).launch_time = when
    else:
        raise LookupError(f"no time to set on a {row['kind']}")
    return row["id"]


def set_state(row):
    ec2(row).snapshots[row["id"]].status = row["state"]
    return row["id"]


def sessions(account):
    from moto.sts.models import sts_backends

    return [
        {
            "key": role.access_key_id,
            "secret": role.secret_access_key,
            "token": role.session_token,
            "serial": getattr(role, "serial", None),
            "code": getattr(role, "code", None),
        }
        for role in sts_backends[account]["aws"].assumed_roles
    ]


def error_answer(protocol, fault, start_response):
    code, message = fault["code"], fault.get("message", fault["code"])
    if protocol == "json":
        text = json.dumps({"__type": code, "message": message})
    elif protocol == "ec2":
        error = f"<Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
        text = f"<Response>{error}<RequestID>a-test-fault</RequestID></Response>"
    else:
        error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
        text = f"<ErrorResponse>{error}<RequestId>a-test-fault</RequestId></ErrorResponse>"
    kind = "application/json" if protocol == "json" else "text/xml"
    return reply(start_response, f"{fault.get('status', 400)} Fault", kind, text)


def reply(start_response, status, kind, text):
    data = text.encode()
    start_response(status, [("Content-Type", kind), ("Content-Length", str(len(data)))])
    return [data]
