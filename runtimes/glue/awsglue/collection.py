"""`DynamicFrameCollection`: frames by their names."""

from awsglue.unsupported import Refusing, refuse


class DynamicFrameCollection(Refusing):
    def __init__(self, dynamic_frames, glue_ctx):
        self._frames, self.glue_ctx = dict(dynamic_frames), glue_ctx

    def keys(self):
        return self._frames.keys()

    def values(self):
        return self._frames.values()

    def items(self):
        return self._frames.items()

    def select(self, key, default_key=None):
        return self._frames[key if key in self._frames or default_key is None else default_key]

    def map(self, callable, transformation_ctx=""):
        """A collection of what a function of each frame and the context gives."""
        return DynamicFrameCollection({name: callable(frame, transformation_ctx) for name, frame in self._frames.items()}, self.glue_ctx)

    def flatmap(self, f, transformation_ctx=""):
        """A collection of all the frames that a function of each frame gives."""
        made = [f(frame, transformation_ctx) for frame in self._frames.values()]
        frames = {}
        for given in made:
            frames.update(given.items() if isinstance(given, DynamicFrameCollection) else {given.name: given})
        return DynamicFrameCollection(frames, self.glue_ctx)

    def __getitem__(self, key):
        return self._frames[key]

    def __iter__(self):
        return iter(self._frames)

    def __len__(self):
        return len(self._frames)

    def __setitem__(self, _key, _frame):
        refuse("changing a DynamicFrameCollection")
