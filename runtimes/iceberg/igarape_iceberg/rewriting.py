"""OPTIMIZE: which data files are worth rewriting together."""
from igarape_iceberg.planning import filter_of, planned

TARGET_BYTES = 536_870_912
# A file is small below this part of the target, and large above that: Iceberg's bin-packing has these bounds.
SMALL, LARGE = 0.75, 1.8


def small_files(place, request):
    table = place.load()
    target = int(table.properties.get("write.target-file-size-bytes", TARGET_BYTES))
    smallest = int(table.properties.get("optimize_rewrite_min_data_file_size_bytes", target * SMALL))
    largest = int(table.properties.get("optimize_rewrite_max_data_file_size_bytes", target * LARGE))
    least = int(table.properties.get("optimize_rewrite_data_file_threshold", 5))
    least_deletes = int(table.properties.get("optimize_rewrite_delete_file_threshold", 2))
    if not table.current_snapshot():
        return {"chosen": []}
    tasks = planned(table.scan(row_filter=filter_of(table.schema(), request["domains"])))
    small, chosen = {}, []
    for task in tasks:
        size = task.file.file_size_in_bytes
        if len(task.delete_files) >= least_deletes or size > largest:
            chosen.append(task.file.file_path)
        elif size < smallest or task.file.spec_id != table.spec().spec_id:
            small.setdefault((task.file.spec_id, tuple(task.file.partition)), []).append(task.file.file_path)
    for paths in small.values():
        if len(paths) >= least:
            chosen += paths
    return {"chosen": chosen}
