"""The conversation with the server: one request at a time, in which files may be asked for until it is answered."""
import json
import os
import sys
import threading

from pyiceberg.exceptions import CommitFailedException, NoSuchTableError, ValidationError

from igarape_iceberg import changes, columns, creation, maintenance, metadata_tables, planning, rewriting, tables
from igarape_iceberg.refusals import Refused

OPERATIONS = {
    "create": creation.create,
    "describe": tables.describe,
    "plan": planning.plan,
    "metadata_table": metadata_tables.write,
    "append": changes.append,
    "overwrite": changes.overwrite,
    "change_columns": columns.change,
    "set_properties": tables.set_properties,
    "small_files": rewriting.small_files,
    "files": maintenance.files,
    "expire": maintenance.expire,
}


class Conversation:
    """Threads of the library read files at once, hence the lock: each question has its answer before the next."""

    def __init__(self, source, target):
        self.source, self.target = source, target
        self.lock = threading.Lock()

    def requests(self):
        for line in self.source:
            yield json.loads(line)

    def say(self, message):
        self.target.write(json.dumps(message) + "\n")
        self.target.flush()

    def path_of(self, location):
        """Where the object can be read; None where there is none."""
        with self.lock:
            self.say({"ask": location})
            return json.loads(self.source.readline())["path"]


def serve():
    # What a library prints must not stand between the lines of the conversation.
    target = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    conversation = Conversation(sys.stdin, target)
    for request in conversation.requests():
        try:
            table = tables.Place(request, conversation)
            result = OPERATIONS[request["operation"]](table, request)
            conversation.say({"result": {**result, "files": table.io.staged()}})
        except Refused as refused:
            conversation.say({"refused": {"code": refused.code, "message": str(refused)}})
        except (CommitFailedException, NoSuchTableError) as error:
            conversation.say({"refused": {"code": "ICEBERG_COMMIT_ERROR", "message": str(error)}})
        except ValidationError as error:
            conversation.say({"refused": {"code": "ICEBERG_INVALID_METADATA", "message": str(error)}})
        except Exception as error:  # Whatever it is, the next request is answered.
            conversation.say({"refused": {"code": "GENERIC_INTERNAL_ERROR", "message": f"{type(error).__name__}: {error}"}})
