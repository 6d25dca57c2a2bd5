"""The control surface of the test server: a WSGI layer that sees each request before moto does.

    POST   /__test__/set_time   [{account, region, kind, id, time, until}]   kind: see `TIMES`; until: where a window ends
    POST   /__test__/set_state  [{account, region, id, state}]        of a snapshot
    POST   /__test__/faults     [{service, action, dry_run, access_key, skip, times,
                                  delay_ms, after, hold, hang_ms, drop, garble, code, message, status}]
    GET    /__test__/struck     [action] that met a fault since the faults were set
    GET    /__test__/strikes    the same, once there is one
    POST   /__test__/release    lets go of what a fault holds
    GET    /__test__/calls      [{service, action, account, dry_run, access_key}]; DELETE forgets them
    GET    /__test__/sessions   [{key, secret, token, serial, code}] of roles that were assumed in the account

A fault names what it strikes in its first line, where what is left out is anything, and in its second what
it does, in that order: it waits, lets the request take effect (`after`), holds until it is let go, waits with
the answer, and then drops the connection, answers with half a document, or refuses with a code.  A fault that
does none of the three last gives moto's own answer, having let the request take effect now at the latest.

`faults`, `struck`, `release` and `calls` act on the account in the header `x-moto-account-id`, so parallel
tests do not meet.  Requests are counted for the account that moto itself would work them out for: the
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

# What a fault may name of a request.
CRITERIA = ("service", "action", "dry_run", "access_key")

# A test that died lets go of nothing.
LONGEST_HOLD = 120


class Request:
    """What the rules below need to know of one request."""

    def __init__(self, environ):
        length = int(environ.get("CONTENT_LENGTH") or 0)
        self.body = environ["wsgi.input"].read(length) if length else b""
        environ["wsgi.input"] = io.BytesIO(self.body)
        self.path = environ.get("PATH_INFO", "")
        self.method = environ["REQUEST_METHOD"]
        scope = self._credential_scope(environ.get("HTTP_AUTHORIZATION", ""))
        self.access_key = scope[0]
        self.service = scope[3] if len(scope) > 3 else ""
        self.account = environ.get(ACCOUNT_HEADER) or self._account_of(self.access_key)
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


class Answer:
    """What moto answered, kept until it is to be given."""

    def __init__(self, app, environ):
        self.head = None
        self.body = [b"".join(app(environ, self._take))]

    def _take(self, status, headers, *_error):
        self.head = (status, headers)

    def give(self, start_response):
        start_response(*self.head)
        return self.body


class ControlSurface:
    def __init__(self, app):
        self.app = app
        self.lock = threading.Lock()
        self.struck_one = threading.Condition(self.lock)
        self.faults = {}
        self.struck = {}
        self.holds = {}
        self.calls = []

    def __call__(self, environ, start_response):
        request = Request(environ)
        if request.path.startswith("/__test__/"):
            return self.control(environ, request, start_response)
        fault = self.note_and_match(request)
        if not fault:
            return self.app(environ, start_response)
        return self.strike(fault, request, environ, start_response)

    def strike(self, fault, request, environ, start_response):
        time.sleep(fault.get("delay_ms", 0) / 1000)
        answer = Answer(self.app, environ) if fault.get("after") else None
        with self.lock:
            self.struck[request.account].append(request.action)
            self.struck_one.notify_all()
        if fault.get("hold"):
            fault["hold"].wait(LONGEST_HOLD)
        time.sleep(fault.get("hang_ms", 0) / 1000)
        if fault.get("drop"):
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionResetError("dropped by a test")
        if fault.get("garble"):
            return reply(start_response, "200 OK", "text/xml", f"<{request.action}Response><a")
        if fault.get("code"):
            return error_answer(request.protocol, fault, start_response)
        return answer.give(start_response) if answer else self.app(environ, start_response)

    def note_and_match(self, request):
        """Records the call; returns the first fault meant for it that is not used up."""
        asked = {name: getattr(request, name) for name in CRITERIA}
        with self.lock:
            self.calls.append({**asked, "account": request.account})
            for fault in self.faults.get(request.account, []):
                if fault["times"] < 1 or any(fault.get(name, asked[name]) != asked[name] for name in CRITERIA):
                    continue
                if fault["skip"] > 0:
                    fault["skip"] -= 1
                    continue
                fault["times"] -= 1
                return fault
        return None

    def set_faults(self, account, rows):
        for row in rows:
            row.setdefault("times", 1)
            row.setdefault("skip", 0)
            if row.get("hold"):
                row["hold"] = threading.Event()
                self.holds.setdefault(account, []).append(row["hold"])
        self.faults[account] = rows
        self.struck[account] = []

    def release(self, account):
        held = self.holds.pop(account, [])
        for hold in held:
            hold.set()
        return len(held)

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
                self.set_faults(account, rows)
                return {"faults": len(rows)}
            if name == "strikes":
                # Asking again and again would keep the server from what it is asked about.
                self.struck_one.wait_for(lambda: self.struck.get(account), LONGEST_HOLD)
            if name in ("struck", "strikes"):
                return self.struck.get(account, [])
            if name == "release":
                return {"released": self.release(account)}
            if name == "calls":
                mine = [call for call in self.calls if call["account"] == account]
                if request.method == "DELETE":
                    self.calls = [call for call in self.calls if call["account"] != account]
                return mine
        raise LookupError(f"nothing answers {request.path}")


def ec2(row):
    from moto.backends import get_backend

    return get_backend("ec2")[row["account"]][row["region"]]


def rds(row):
    from moto.backends import get_backend

    return get_backend("rds")[row["account"]][row["region"]]


def dynamodb(row):
    from moto.backends import get_backend

    return get_backend("dynamodb")[row["account"]][row["region"]]


def db_snapshot(row, when, until):
    # The data of a copy is as old as that of its source, which is its own `until` here.
    snapshot = rds(row).database_snapshots[row["id"]]
    snapshot.created, snapshot.original_snapshot_create_time = when, until or when


def db_window(row, when, until):
    """Of an instance; see `window_of_instance` in `peer_rules.py`."""
    rds(row).databases[row["id"]].window = (when, until)


def table_window(row, when, until):
    description = dynamodb(row).get_table(row["id"]).continuous_backups["PointInTimeRecoveryDescription"]
    description["EarliestRestorableDateTime"] = when.timestamp()
    description["LatestRestorableDateTime"] = until.timestamp()


# What can be given a time, and how it is set.
TIMES = {
    "snapshot": lambda row, when, _: setattr(ec2(row).snapshots[row["id"]], "start_time", when),
    "volume": lambda row, when, _: setattr(ec2(row).volumes[row["id"]], "create_time", when),
    "instance": lambda row, when, _: setattr(ec2(row).get_instance(row["id"]), "launch_time", when),
    "image": lambda row, when, _: setattr(ec2(row).amis[row["id"]], "creation_date", when),
    "db-snapshot": db_snapshot,
    "db-cluster-snapshot": lambda row, when, _: setattr(rds(row).cluster_snapshots[row["id"]], "created", when),
    "db-cluster": lambda row, when, _: setattr(rds(row).clusters[row["id"]], "earliest_restorable_time", when),
    "db-window": db_window,
    "table-backup": lambda row, when, _: setattr(dynamodb(row).backups[row["id"]], "creation_date_time", when),
    "table-window": table_window,
}


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None


def set_time(row):
    if row["kind"] not in TIMES:
        raise LookupError(f"no time to set on a {row['kind']}")
    TIMES[row["kind"]](row, instant(row["time"]), instant(row.get("until")))
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
