"""What a table or a request cannot have, in the words and codes that the query's client is told."""


class Refused(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def not_supported(what):
    return Refused("NOT_SUPPORTED", f"{what} is not supported by the embedded SQL engine.")
