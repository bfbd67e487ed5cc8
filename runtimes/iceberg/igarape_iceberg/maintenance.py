"""VACUUM and DROP TABLE: snapshots that are too old go, and with them the files that nothing else names."""

from igarape_iceberg.tables import described

AGE_SECONDS = 432_000


def files(place, request):
    return {"named": sorted(named_files(place, place.load()))}


def expire(place, request):
    table = place.load()
    properties = table.properties
    age = int(properties.get("vacuum_max_snapshot_age_seconds", AGE_SECONDS))
    kept = max(int(properties.get("vacuum_min_snapshots_to_keep", 1)), 1)
    before = named_files(place, table)
    ancestors = ancestors_of(table)
    protected = set(ancestors[:kept]) | {reference.snapshot_id for reference in table.metadata.refs.values()}
    oldest = place.now - age * 1000
    expired = [one.snapshot_id for one in table.metadata.snapshots if one.timestamp_ms < oldest and one.snapshot_id not in protected]
    if expired:
        table.maintenance.expire_snapshots().by_ids(expired).commit()
    after = named_files(place, table)
    return {
        **described(table),
        "is_changed": bool(expired),
        "unnamed": sorted(before - after),
        "named": sorted(after),
        "age_seconds": age,
    }


def ancestors_of(table):
    """The current snapshot and those before it, newest first."""
    found = []
    snapshot = table.current_snapshot()
    while snapshot is not None:
        found.append(snapshot.snapshot_id)
        snapshot = table.snapshot_by_id(snapshot.parent_snapshot_id) if snapshot.parent_snapshot_id else None
    return found


def named_files(place, table):
    """All that the table names: metadata, manifests, data and deletes of all its snapshots."""
    metadata = table.metadata
    found = {table.metadata_location, *(entry.metadata_file for entry in metadata.metadata_log)}
    found |= {statistics.statistics_path for statistics in metadata.statistics}
    seen = set()
    for snapshot in metadata.snapshots:
        found.add(snapshot.manifest_list)
        for manifest in snapshot.manifests(place.io):
            if manifest.manifest_path in seen:
                continue
            seen.add(manifest.manifest_path)
            for entry in manifest.fetch_manifest_entry(place.io, discard_deleted=True):
                found.add(entry.data_file.file_path)
    return found | seen
