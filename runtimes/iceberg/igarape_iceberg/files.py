"""Objects as the library sees them: read where the server has linked them, written into a folder that it commits from."""
import itertools
import os
import threading

from pyiceberg.io import FileIO, InputFile, OutputFile


class LinkedFile(InputFile):
    def __init__(self, location, io):
        super().__init__(location)
        self.io = io

    @property
    def path(self):
        path = self.io.path_of(self.location)
        if path is None:
            raise FileNotFoundError(self.location)
        return path

    def __len__(self):
        return os.path.getsize(self.path)

    def exists(self):
        return self.io.path_of(self.location) is not None

    def open(self, seekable=True):
        return open(self.path, "rb")


class StagedFile(OutputFile):
    def __init__(self, location, path, io):
        super().__init__(location)
        self.path, self.io = path, io

    def __len__(self):
        return os.path.getsize(self.path)

    def exists(self):
        return os.path.exists(self.path)

    def to_input_file(self):
        return LinkedFile(self.location, self.io)

    def create(self, overwrite=False):
        return open(self.path, "wb")


class ServerFiles(FileIO):
    def __init__(self, conversation, folder):
        super().__init__()
        self.conversation, self.folder = conversation, folder
        self.known, self.written = {}, {}
        self.numbers, self.lock = itertools.count(), threading.Lock()

    def path_of(self, location):
        if location in self.written:
            return self.written[location]
        if location not in self.known:
            self.known[location] = self.conversation.path_of(location)
        return self.known[location]

    def new_input(self, location):
        return LinkedFile(location, self)

    def new_output(self, location):
        with self.lock:
            path = os.path.join(self.folder, f"staged-{next(self.numbers)}")
            self.written[location] = path
        return StagedFile(location, path, self)

    def delete(self, location):
        """Of what was written here; objects are deleted by the server."""
        self.written.pop(str(getattr(location, "location", location)), None)

    def staged(self):
        return [{"location": location, "path": path} for location, path in self.written.items()]
