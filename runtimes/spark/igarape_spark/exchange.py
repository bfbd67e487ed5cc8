"""Where this process and Spark's executors both see files: the run's folder where they are on this machine, the job's temporary folder
in S3 where they are elsewhere."""

from pathlib import Path

from igarape_jobs.lake import Location, bucket_of, locate

no_place = ("On a cluster, DynamicFrames and functions over records pass through files in S3: give the job the argument --TempDir s3://BUCKET/FOLDER "
            "(awsglue; `spark.read` and `df.write` need none).")


def exchange_of(engine, run: dict, is_remote: bool):
    return InS3(engine, run) if is_remote else InFolder(engine)


class InFolder:
    """Folders of the run, by their paths."""

    def __init__(self, engine):
        self._engine = engine

    def shown(self, folder: Path) -> str:
        """An address by which Spark reads a folder of this process."""
        return f"file://{folder}"

    def taken(self, write) -> list[Path]:
        """What Spark writes when it is given an address, in the order of its names."""
        folder = self._engine.new_folder("rows")
        write(f"file://{folder}")
        return sorted(folder.glob("part-*"))

    def close(self) -> None:
        """The run's folder goes with the run."""


class InS3:
    def __init__(self, engine, run: dict):
        self._engine = engine
        names = dict(zip(run["arguments"], run["arguments"][1:]))
        given = names.get("--TempDir", "")
        self._place = locate(f"{given.rstrip('/')}/{names.get('--JOB_RUN_ID', 'run')}/.igarape/") if given.startswith("s3") else None

    def shown(self, folder: Path) -> str:
        place = self._new_place(folder.name)
        files = [path for path in folder.rglob("*") if path.is_file()]
        self._engine.lake.commit(place.root, [(f"{place.key}{path.relative_to(folder)}", path) for path in files], [])
        return place.uri

    def taken(self, write) -> list[Path]:
        place = self._new_place(self._engine.new_folder("rows").name)
        write(place.uri)
        files = [file for file in self._engine.lake.list_files(place) if "/part-" in file.key]
        return self._engine.lake.open(sorted(files, key=lambda file: file.key))

    def close(self) -> None:
        """What was exchanged is of no use to anyone when the run is over."""
        if self._place and bucket_of(self._place.root):
            left = [file.key for file in self._engine.lake.list_files(self._place)]
            if left:
                self._engine.lake.commit(self._place.root, [], left)

    def _new_place(self, name: str) -> Location:
        if self._place is None:
            raise NotImplementedError(no_place)
        return Location(self._place.root, f"{self._place.key}{name}/")
