"""Rules that AWS enforces and moto does not, so that a careless caller is refused here too.

  * AttachVolume: taken device, volume attached elsewhere, other zone, instance of a wrong state.
  * DetachVolume: an idle volume, the root of a running instance; InstanceId may be left out.
  * CreateVolume: replay of a ClientToken, smaller than its snapshot, unknown zone, archived snapshot.
  * StartInstances without a root volume; ModifyInstanceAttribute of a device that is not mapped.
  * DescribeSnapshots honours OwnerIds; an attachment tells its DeleteOnTermination.
  * AssumeRole of a role named `mfa…` needs a device and a code; 000000 is wrong, and a code is good once.
  * The Recycle Bin, the locks of snapshots and the automated backups of clusters can be listed, and are empty
    (moto knows no such calls).
  * An automated backup of a DB instance has its ARN and its window (moto leaves them out).
  * Tags are looked up per resource (moto scans every tag of the region for each resource).

A new rule is one function that takes moto's own method and returns the guarded one, and one
line in `install`.
"""

import functools
import json
import threading

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.models.elastic_block_store import EBSBackend, VolumeAttachment
from moto.ec2.models.instances import InstanceBackend
from moto.ec2.responses.amis import AmisResponse
from moto.ec2.responses.elastic_block_store import ElasticBlockStore
from moto.ec2.responses.instances import InstanceResponse
from moto.rds.models import DBInstanceAutomatedBackup
from moto.rds.responses import RDSResponse
from moto.sts.exceptions import STSClientError
from moto.sts.models import sts_backends
from moto.sts.responses import TokenResponse

# The server answers on threads, and each rule looks before it acts.
ONE_AT_A_TIME = threading.RLock()


def install():
    guard(EBSBackend, "attach_volume", attach_rules)
    guard(EBSBackend, "detach_volume", detach_finds_instance)
    guard(InstanceBackend, "start_instances", start_rules)
    guard(InstanceResponse, "modify_instance_attribute", mapped_device_rule)
    # At the request, not the model: moto detaches the root of what it terminates, and makes volumes
    # for its images in zones of its choice.
    guard(ElasticBlockStore, "detach_volume", detach_rules)
    guard(ElasticBlockStore, "create_volume", create_rules)
    guard(ElasticBlockStore, "create_volume", token_replay)
    guard(TokenResponse, "assume_role", code_rules)
    TaggedEC2Resource.get_tags = own_tags
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
