"""Rules that AWS enforces and moto does not, so that a careless caller is refused here too.

  * AttachVolume: taken device, volume attached elsewhere, other zone, instance of a wrong state.
  * DetachVolume: an idle volume, the root of a running instance; InstanceId may be left out.
  * CreateVolume: replay of a ClientToken, smaller than its snapshot, unknown zone, archived snapshot.
  * StartInstances without a root volume; ModifyInstanceAttribute of a device that is not mapped.
  * An image of an instance with several volumes has its root device and a snapshot of each, and a launch from it
    has a volume of each (moto: one of 15 GiB, whatever the instance had).
  * A batch of changes of records is judged by the records that are there.
  * A change of records keeps its date, which is long ago (moto: every time one asks).
  * DescribeSnapshots honours OwnerIds; an attachment tells its DeleteOnTermination.
  * AssumeRole of a role named `mfa…` needs a device and a code; 000000 is wrong, and a code is good once.
  * The Recycle Bin, the locks of snapshots and the automated backups of clusters can be listed, and are empty
    (moto knows no such calls).
  * An automated backup of a DB instance has its ARN and its window (moto leaves them out).
  * A restored table tells the second that was asked for, or that of its backup (moto: when it was restored).
  * Tags are looked up per resource (moto scans every tag of the region for each resource).

A new rule is one function that takes moto's own method and returns the guarded one, and one
line in `install`.
"""

import functools
import json
import threading
from datetime import timedelta

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.responses import DynamoHandler, DynamoResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.amis import Ami, AmiBackend
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.models.elastic_block_store import EBSBackend, VolumeAttachment
from moto.ec2.models.instances import InstanceBackend
from moto.ec2.responses.amis import AmisResponse
from moto.ec2.responses.elastic_block_store import ElasticBlockStore
from moto.ec2.responses.instances import InstanceResponse
from moto.rds.models import DBInstanceAutomatedBackup
from moto.rds.responses import RDSResponse
from moto.route53.exceptions import Route53ClientError
from moto.route53.models import Route53Backend
from moto.route53.responses import Route53
from moto.sts.exceptions import STSClientError
from moto.sts.models import sts_backends
from moto.sts.responses import TokenResponse

# The server answers on threads, and each rule looks before it acts.
ONE_AT_A_TIME = threading.RLock()


def install():
    guard(EBSBackend, "attach_volume", attach_rules)
    guard(EBSBackend, "detach_volume", detach_finds_instance)
    guard(InstanceBackend, "start_instances", start_rules)
    guard(InstanceBackend, "run_instances", volumes_of_image)
    guard(AmiBackend, "create_image", snapshots_of_volumes)
    guard(DynamoHandler, "restore_table_to_point_in_time", second_asked_for)
    guard(DynamoDBBackend, "restore_table_from_backup", second_of_backup)
    guard(Route53, "get_change", change_of_records)
    guard(Route53Backend, "change_resource_record_sets", swap_of_records)
    guard(InstanceResponse, "modify_instance_attribute", mapped_device_rule)
    # At the request, not the model: moto detaches the root of what it terminates, and makes volumes
    # for its images in zones of its choice.
    guard(ElasticBlockStore, "detach_volume", detach_rules)
    guard(ElasticBlockStore, "create_volume", create_rules)
    guard(ElasticBlockStore, "create_volume", token_replay)
    guard(TokenResponse, "assume_role", code_rules)
    TaggedEC2Resource.get_tags = own_tags
    Ami.block_device_mappings = property(devices_of_image)
    ElasticBlockStore.describe_snapshots = snapshots_of_owners
    ElasticBlockStore.list_snapshots_in_recycle_bin = none_of("Snapshots")
    ElasticBlockStore.list_volumes_in_recycle_bin = none_of("Volumes")
    ElasticBlockStore.describe_locked_snapshots = none_of("Snapshots")
    AmisResponse.list_images_in_recycle_bin = none_of("Images")
    RDSResponse.describe_db_cluster_automated_backups = none_of("DBClusterAutomatedBackups")
    DBInstanceAutomatedBackup.db_instance_automated_backups_arn = property(arn_of_backup)
    DBInstanceAutomatedBackup.restore_window = property(window_of_instance)
    VolumeAttachment.delete_on_termination = property(attachment_delete_on_termination)


def guard(owner, name, rule):
    original = getattr(owner, name)
    ruled = rule(original)

    @functools.wraps(original)
    def locked(*args, **kwargs):
        with ONE_AT_A_TIME:
            return ruled(*args, **kwargs)

    setattr(owner, name, locked)


def refuse(code, message):
    raise EC2ClientError(code, message)


def second_asked_for(restore):
    def ruled(response):
        answer = restore(response)
        asked = response.body.get("RestoreDateTime")
        if asked is None:
            return answer
        table = response.dynamodb_backend.tables[response.body["TargetTableName"]]
        table.restore_date_time = asked
        return DynamoResult(table.describe())

    return ruled


def second_of_backup(restore):
    def ruled(backend, target_table_name, backup_arn):
        table = restore(backend, target_table_name, backup_arn)
        table.restore_date_time = backend.get_backup(backup_arn).creation_date_time
        return table

    return ruled


def attach_rules(attach):
    def ruled(backend, volume_id, instance_id, device_path, *rest, **named):
        volume, instance = backend.get_volume(volume_id), backend.get_instance(instance_id)
        if volume.attachment:
            refuse("VolumeInUse", f"{volume_id} is already attached to an instance")
        if device_path in instance.block_device_mapping:
            refuse(
                "InvalidParameterValue",
                f"Invalid value '{device_path}' for unixDevice. "
                f"Attachment point {device_path} is already in use",
            )
        if volume.availability_zone != instance.availability_zone:
            refuse(
                "InvalidVolume.ZoneMismatch",
                f"The volume '{volume_id}' is not in the same availability zone "
                f"as instance '{instance_id}'",
            )
        if instance.state not in ("running", "stopped"):
            refuse("IncorrectState", f"Instance '{instance_id}' is not 'running'.")
        return attach(backend, volume_id, instance_id, device_path, *rest, **named)

    return ruled


def detach_rules(detach):
    def ruled(response):
        response.error_on_dryrun()
        volume_id, instance_id = response._get_param("VolumeId"), response._get_param("InstanceId")
        attachment = response.ec2_backend.get_volume(volume_id).attachment
        if not attachment:
            refuse("IncorrectState", f"Volume '{volume_id}' is in the 'available' state.")
        instance = attachment.instance
        if instance_id and instance_id != instance.id:
            refuse(
                "InvalidAttachment.NotFound",
                f"Volume '{volume_id}' is not attached to instance '{instance_id}'",
            )
        if instance.state == "running" and attachment.device == root_device(instance):
            refuse(
                "OperationNotPermitted",
                f"Unable to detach root volume '{volume_id}' from instance '{instance.id}'",
            )
        return detach(response)

    return ruled


def detach_finds_instance(detach):
    def ruled(backend, volume_id, instance_id, device_path):
        attachment = backend.get_volume(volume_id).attachment
        if not instance_id and attachment:
            instance_id = attachment.instance.id
        return detach(backend, volume_id, instance_id, device_path)

    return ruled


def root_device(instance):
    return instance.root_device_name


def create_rules(create):
    def ruled(response):
        zone, snapshot_id = response._get_param("AvailabilityZone"), response._get_param("SnapshotId")
        if not response.ec2_backend.get_zone_by_name(zone):
            refuse("InvalidZone.NotFound", f"The zone '{zone}' does not exist.")
        if snapshot_id:
            snapshot = response.ec2_backend.snapshots.get(snapshot_id)
            if not snapshot:
                refuse("InvalidSnapshot.NotFound", f"The snapshot '{snapshot_id}' does not exist.")
            usable_snapshot(snapshot, response._get_param("Size"))
        return create(response)

    return ruled


def usable_snapshot(snapshot, size):
    if snapshot.status != "completed":
        refuse("IncorrectState", f"Snapshot '{snapshot.id}' is '{snapshot.status}'")
    if snapshot.storage_tier == "archive":
        refuse("IncorrectState", f"Snapshot '{snapshot.id}' is in the archive tier")
    if size is not None and int(size) < snapshot.volume_size:
        refuse(
            "InvalidParameterValue",
            f"Volume of {size}GiB is smaller than snapshot '{snapshot.id}', "
            f"expect size >= {snapshot.volume_size}GiB",
        )


def start_rules(start):
    def ruled(backend, instance_ids):
        for instance_id in instance_ids:
            instance = backend.get_instance(instance_id)
            root = root_device(instance)
            if root not in instance.block_device_mapping:
                refuse(
                    "IncorrectState",
                    f"Instance '{instance_id}' does not have a volume attached at root ({root})",
                )
        return start(backend, instance_ids)

    return ruled


def snapshots_of_volumes(create):
    def ruled(backend, instance_id, *rest, **named):
        image = create(backend, instance_id, *rest, **named)
        instance = backend.get_instance(instance_id)
        if len(instance.block_device_mapping) < 2:
            return image  # of one volume it is near enough, and others count what it makes
        image.root_device_name, image.root_device_type = instance.root_device_name, "ebs"
        image.devices = [
            device_of(backend, image, device, mapping)
            for device, mapping in instance.block_device_mapping.items()
        ]
        return image

    return ruled


def device_of(backend, image, device, mapping):
    volume = backend.get_volume(mapping.volume_id)
    text = f"Created by CreateImage({image.instance_id}) for {image.id}"
    snapshot = backend.create_snapshot(volume.id, text, image.owner_id, from_ami=image.id)
    ebs = {
        "SnapshotId": snapshot.id,
        "VolumeSize": volume.size,
        "VolumeType": volume.volume_type,
        "DeleteOnTermination": mapping.delete_on_termination,
        "Encrypted": volume.encrypted,
    }
    rates = {"Iops": volume.iops, "Throughput": volume.throughput}
    ebs.update({name: rate for name, rate in rates.items() if rate})
    return {"DeviceName": device, "Ebs": ebs}


devices_by_default = Ami.block_device_mappings.fget


def devices_of_image(image):
    return getattr(image, "devices", None) or devices_by_default(image)


PROVISIONED = ("io1", "io2")


def without_rates(ebs):
    """moto forgets the rates of a volume while it launches, and then refuses a type that must have some."""
    return {**ebs, "VolumeType": "gp3"} if ebs.get("VolumeType") in PROVISIONED else ebs


def volumes_of_image(run):
    """What a mapping does not say is as the image has it."""

    def ruled(backend, image_id, *rest, **named):
        of_image = getattr(backend.amis.get(image_id), "devices", None) or []
        wanted = {device["DeviceName"]: dict(device["Ebs"]) for device in of_image}
        for mapping in named.get("block_device_mappings") or []:
            said = {name: value for name, value in mapping.get("Ebs", {}).items() if value is not None}
            wanted.setdefault(mapping["DeviceName"], {}).update(said)
        if wanted:
            named["block_device_mappings"] = [
                {"DeviceName": device, "Ebs": without_rates(ebs)} for device, ebs in wanted.items()
            ]
        reservation = run(backend, image_id, *rest, **named)
        for instance in reservation.instances:
            for device, ebs in wanted.items():
                volume = backend.get_volume(instance.block_device_mapping[device].volume_id)
                if ebs.get("VolumeType") in PROVISIONED:
                    volume.volume_type, volume.throughput = ebs["VolumeType"], None
                volume.iops = ebs.get("Iops", volume.iops)
                volume.throughput = ebs.get("Throughput", volume.throughput)
        return reservation

    return ruled


def swap_of_records(change):
    """Judges a batch by what is there, one change after the other, as AWS does (moto: by what was ever created)."""

    def ruled(backend, zone_id, changes):
        zone = backend.get_hosted_zone(zone_id)
        there = {}
        for record in zone.rrsets:
            there[record_key(record.name, record.type, record.set_identifier)] = (record.ttl, list(record.records))
        first = dict(there)
        for one in changes:
            asked = one["ResourceRecordSet"]
            name = asked["Name"].rstrip(".") + "."
            key = record_key(name, asked["Type"], asked.get("SetIdentifier"))
            told = f"resource record set [name='{name}', type='{asked['Type']}']"
            values = (asked.get("TTL"), [value["Value"] for value in asked.get("ResourceRecords", [])])
            if one["Action"] == "DELETE" and there.pop(key, None) != values:
                refuse_batch(f"Tried to delete {told} but the values provided do not match the current values")
            elif one["Action"] == "CREATE" and key in there:
                refuse_batch(f"Tried to create {told} but it already exists")
            elif one["Action"] != "DELETE":
                there[key] = values
        forget_but_for(zone, first)
        return change(backend, zone_id, changes)

    return ruled


def record_key(name, kind, identifier):
    return (name.rstrip(".").lower(), kind, identifier)


def forget_but_for(zone, there):
    """Leaves in moto's own list what is there and nothing else, so that it finds what we found."""
    zone.rr_changes.clear()
    for (name, kind, _set), (ttl, values) in there.items():
        records = [{"Value": value} for value in values]
        row = {"Name": name, "Type": kind, "TTL": ttl, "ResourceRecords": records}
        # As an UPSERT: moto takes a CREATE that it has seen once for one that is there.
        zone.rr_changes.append({"Action": "UPSERT", "ResourceRecordSet": row})


def refuse_batch(message):
    raise Route53ClientError("InvalidChangeBatch", message)


def change_of_records(change):
    """It is dated back, so that nobody has to wait for what resolvers may still keep."""

    def ruled(response):
        answer = change(response)
        answer.result["ChangeInfo"]["SubmittedAt"] = long_ago()
        return answer

    return ruled


def long_ago():
    return utcnow() - timedelta(days=8)


def mapped_device_rule(modify):
    def ruled(response):
        for mapping in response._get_param("BlockDeviceMappings", []):
            instance = response.ec2_backend.get_instance(response._get_param("InstanceId"))
            if mapping.get("DeviceName") not in instance.block_device_mapping:
                refuse(
                    "InvalidInstanceAttributeValue",
                    f"No device is currently mapped at {mapping.get('DeviceName')}",
                )
        return modify(response)

    return ruled


def token_replay(create):
    """The same token answers with the same volume; with other parameters it is refused."""
    seen = {}

    def ruled(response):
        response.error_on_dryrun()  # permission comes before everything else
        token = response._get_param("ClientToken")
        if not token:
            return create(response)
        key = (response.current_account, response.region, token)
        asked = request_digest(response)
        if key not in seen:
            answer = create(response)
            seen[key] = (asked, answer.result.id)
            return answer
        first, volume_id = seen[key]
        if first != asked:
            refuse(
                "IdempotentParameterMismatch",
                "The client token was used before with other parameters",
            )
        return ActionResult(response.ec2_backend.get_volume(volume_id))

    return ruled


def code_rules(assume):
    """The codes of a device: a role that wants one is not assumed without, and no code is taken twice."""
    used = set()

    def ruled(response):
        role, code = response._get_param("RoleArn"), response._get_param("TokenCode")
        serial = response._get_param("SerialNumber")
        wanted = role.rpartition("/")[2].startswith("mfa")
        if wanted and not (serial and code):
            deny(f"User is not authorized to perform: sts:AssumeRole on resource: {role}")
        if code and (code == "000000" or (serial, code) in used):
            deny("MultiFactorAuthentication failed with invalid MFA one time pass code. ")
        used.add((serial, code))
        answer = assume(response)
        session = sts_backends[role.split(":")[4]]["aws"].assumed_roles[-1]
        session.serial, session.code = serial, code
        return answer

    return ruled


def deny(message):
    raise STSClientError("AccessDenied", message)


def request_digest(response):
    ignored = ("ClientToken", "DryRun")
    pairs = {key: value for key, value in response.data.items() if key not in ignored}
    return json.dumps(pairs, sort_keys=True, default=str)


def own_tags(resource):
    tags = resource.ec2_backend.tags.get(resource.id, {}) if resource.id else {}
    return [
        {"resource_id": resource.id, "resource_type": "", "key": key, "value": value}
        for key, value in list(tags.items())
    ]


def snapshots_of_owners(response):
    owners = response._get_param("OwnerIds", []) or []
    wanted = {response.current_account if owner == "self" else owner for owner in owners}
    found = response.ec2_backend.describe_snapshots(
        snapshot_ids=response._get_param("SnapshotIds", []),
        filters=response._filters_from_querystring(),
    )
    return ActionResult({"Snapshots": [s for s in found if not wanted or s.owner_id in wanted]})


def none_of(rows):
    return lambda response: ActionResult({rows: []})


def arn_of_backup(backup):
    rds = backup.backend
    return f"arn:aws:rds:{rds.region_name}:{rds.account_id}:auto-backup:ab-{backup.db_instance_identifier}"


def window_of_instance(backup):
    """It can be set, since moto keeps no such times."""
    database = backup.backend.databases.get(backup.db_instance_identifier)
    first, last = getattr(database, "window", (None, None))
    return {"EarliestTime": first, "LatestTime": last} if first else None


def attachment_delete_on_termination(attachment):
    mapping = attachment.instance.block_device_mapping.get(attachment.device)
    return mapping.delete_on_termination if mapping else None
