"""AWS Backup for the wire tests: eight reads over rest-json, answered from an estate that a test seeds.

    PUT  /__test__/estate/ACCOUNT/REGION   {"vaults": [...], "holds": [...], "protected": [...]}
    GET  /__test__/answers/ACCOUNT         {"operations": [...], "violations": [...]}

The third-party server knows neither recovery points nor legal holds, so this one is ours; what keeps it honest is
that every answer is checked against the service model that botocore publishes: each member known, of its type, and
there where the model requires it.  An answer that does not fit is kept as a violation, and still given.

A vault is a `BackupVaultListMember` with three fields of its own: `points` (`RecoveryPointByBackupVault`, each with an
optional `storage`), `policy` and `denied`.  A hold is a `LegalHold` with `held`, the ARNs of its points.  Accounts are
told apart as the third-party server does it: by header, or by whose access key it is.
"""

import json
import re
import threading
from urllib.parse import parse_qs, unquote

from botocore.loaders import Loader
from botocore.model import ServiceModel

from peer_control import Request

MODEL = ServiceModel(Loader().load_service_model("backup", "service-2"))
OPERATIONS = [
    "DescribeBackupVault",
    "DescribeRecoveryPoint",
    "GetBackupVaultAccessPolicy",
    "ListBackupVaults",
    "ListLegalHolds",
    "ListProtectedResources",
    "ListRecoveryPointsByBackupVault",
    "ListRecoveryPointsByLegalHold",
]
OWN = {"points", "policy", "denied", "storage", "held"}
PAGE = 1000


class Refusal(Exception):
    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def violations(shape, value, at):
    """What of a JSON value does not fit a shape, as sentences."""
    kind = shape.type_name
    if kind == "structure":
        yield from structure_violations(shape, value, at)
    elif kind == "list":
        if not isinstance(value, list):
            yield f"{at} is no list"
            return
        for number, one in enumerate(value):
            yield from violations(shape.member, one, f"{at}[{number}]")
    elif kind == "map":
        for key, one in value.items():
            yield from violations(shape.value, one, f"{at}.{key}")
    elif not scalar_fits(kind, value):
        yield f"{at} is no {kind}: {value!r}"
    elif kind == "string" and shape.enum and value not in shape.enum:
        yield f"{at} is none of the model's words: {value!r}"


def structure_violations(shape, value, at):
    if not isinstance(value, dict):
        yield f"{at} is no structure"
        return
    names = {member.serialization.get("name", name): member for name, member in shape.members.items()}
    for name in shape.required_members:
        if name not in value:
            yield f"{at} lacks {name}"
    for name, one in value.items():
        if name not in names:
            yield f"{at}.{name} is not in the model"
        else:
            yield from violations(names[name], one, f"{at}.{name}")


def scalar_fits(kind, value):
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind in ("integer", "long"):
        return number and isinstance(value, int)
    if kind in ("timestamp", "double", "float"):
        return number
    return isinstance(value, bool if kind == "boolean" else str)


def matcher(operation):
    """The method and path of an operation, as the model gives them."""
    http = MODEL.operation_model(operation).http
    path = re.escape(http["requestUri"]).replace(r"\{", "{").replace(r"\}", "}")
    pattern = re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path)
    return http["method"], re.compile(pattern.rstrip("/") + "/?$")


class BackupServer:
    """A WSGI application."""

    def __init__(self):
        self.lock = threading.Lock()
        self.estates = {}
        self.answers = {}
        self.routes = [(operation, *matcher(operation)) for operation in OPERATIONS]

    def __call__(self, environ, start_response):
        request = Request(environ)
        # The decoded path would not tell a slash inside of an ARN from one between parts.
        path = environ.get("RAW_URI") or environ.get("REQUEST_URI") or request.path
        path = path.partition("?")[0]
        if path.startswith("/__test__/"):
            return reply(start_response, 200, self.control(request, path))
        region = Request._credential_scope(environ.get("HTTP_AUTHORIZATION", ""))[2:3]
        query = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
        try:
            operation, named = self.route(request.method, path)
            estate = self.estate(request.account, region[0] if region else "")
            body = getattr(self, operation)(estate, named, query)
        except Refusal as refusal:
            body = {"Code": refusal.code, "Message": refusal.message}
            return reply(start_response, refusal.status, body, refusal.code)
        self.note(request.account, operation, body)
        return reply(start_response, 200, body)

    def control(self, request, path):
        what, *rest = path.removeprefix("/__test__/").split("/")
        with self.lock:
            if what == "estate":
                account, region = rest
                self.estates[account, region] = json.loads(request.body)
                return {"seeded": True}
            told = self.answers.get(rest[0], [])
        operations = sorted({operation for operation, _ in told})
        return {"operations": operations, "violations": [one for _, found in told for one in found]}

    def route(self, method, path):
        for operation, wanted, pattern in self.routes:
            found = pattern.match(path)
            if found and method == wanted:
                return operation, {name: unquote(value) for name, value in found.groupdict().items()}
        raise Refusal(404, "UnknownOperationException", f"{method} {path}")

    def estate(self, account, region):
        with self.lock:
            return self.estates.get((account, region), {})

    def note(self, account, operation, body):
        shape = MODEL.operation_model(operation).output_shape
        found = list(violations(shape, body, operation))
        with self.lock:
            self.answers.setdefault(account, []).append((operation, found))

    # The operations, under the names of the API.

    def ListBackupVaults(self, estate, named, query):
        shared = query.get("shared") == "true"
        vaults = [public(vault) for vault in estate.get("vaults", []) if not shared]
        if "vaultType" in query:
            vaults = [vault for vault in vaults if vault.get("VaultType") == query["vaultType"]]
        return paged(query, "BackupVaultList", vaults)

    def DescribeBackupVault(self, estate, named, query):
        return public(vault_of(estate, named))

    def GetBackupVaultAccessPolicy(self, estate, named, query):
        vault = vault_of(estate, named)
        if "policy" not in vault:
            raise absent("The vault has no access policy.")
        names = {name: vault[name] for name in ("BackupVaultName", "BackupVaultArn")}
        return {**names, "Policy": vault["policy"]}

    def ListRecoveryPointsByBackupVault(self, estate, named, query):
        points = [public(point) for point in opened(estate, named).get("points", [])]
        for key, member in (
            ("resourceArn", "ResourceArn"),
            ("resourceType", "ResourceType"),
            ("parentRecoveryPointArn", "ParentRecoveryPointArn"),
        ):
            if key in query:
                points = [point for point in points if point.get(member) == query[key]]
        return paged(query, "RecoveryPoints", points)

    def DescribeRecoveryPoint(self, estate, named, query):
        for point in opened(estate, named).get("points", []):
            if point["RecoveryPointArn"] == named["recoveryPointArn"]:
                told = public(point)
                told.pop("AggregatedScanResult", None)
                return {**told, "StorageClass": point.get("storage", "WARM")}
        raise absent("There is no such recovery point.")

    def ListProtectedResources(self, estate, named, query):
        return paged(query, "Results", estate.get("protected", []))

    def ListLegalHolds(self, estate, named, query):
        return paged(query, "LegalHolds", [public(hold) for hold in estate.get("holds", [])])

    def ListRecoveryPointsByLegalHold(self, estate, named, query):
        for hold in estate.get("holds", []):
            if hold["LegalHoldId"] == named["legalHoldId"]:
                return paged(query, "RecoveryPoints", [{"RecoveryPointArn": arn} for arn in hold["held"]])
        raise absent("There is no such legal hold.")


def public(row):
    return {name: value for name, value in row.items() if name not in OWN}


def vault_of(estate, named):
    for vault in estate.get("vaults", []):
        if vault["BackupVaultName"] == named["backupVaultName"]:
            return vault
    raise forbidden()


def opened(estate, named):
    vault = vault_of(estate, named)
    if vault.get("denied"):
        raise forbidden()
    return vault


def forbidden():
    """A vault that is absent looks like one that is closed."""
    return Refusal(403, "AccessDeniedException", "Insufficient privileges to perform this action.")


def absent(message):
    return Refusal(400, "ResourceNotFoundException", message)


def paged(query, name, rows):
    try:
        size, start = int(query.get("maxResults", PAGE)), int(query.get("nextToken", 0))
    except ValueError:
        size = 0
    if not 1 <= size <= PAGE:
        raise Refusal(400, "InvalidParameterValueException", "MaxResults or NextToken is not valid.")
    page = {name: rows[start : start + size]}
    if start + size < len(rows):
        page["NextToken"] = str(start + size)
    return page


def reply(start_response, status, body, code=None):
    data = json.dumps(body).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(data)))]
    if code:
        headers.append(("x-amzn-ErrorType", code))
    start_response(f"{status} Answer", headers)
    return [data]
