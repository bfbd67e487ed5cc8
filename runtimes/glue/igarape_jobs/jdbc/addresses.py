"""A JDBC address taken apart: `jdbc:postgresql://host:5432/db?user=…`, as Spark and Glue are given it."""

import re
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, unquote

ports = {"postgresql": 5432, "mysql": 3306}
# What tunes the driver of Java, and never changes a row.
harmless = {"rewritebatchedstatements", "rewritebatchedinserts", "useunicode", "characterencoding", "usecursorfetch", "defaultrowfetchsize",
            "applicationname", "cacheprepstmts", "useserverprepstmts", "tcpkeepalive", "autoreconnect", "allowpublickeyretrieval",
            "preparethreshold", "logintimeout", "sockettimeout", "connecttimeout", "defaultfetchsize", "stringtype"}
encryption = {"ssl", "sslmode", "usessl", "requiressl", "verifyservercertificate"}


@dataclass(frozen=True)
class Address:
    dialect: str
    host: str
    port: int
    database: str
    user: str = ""
    password: str = field(default="", repr=False)
    # A connection that must be encrypted, and one whose certificate is checked too.
    encrypts: bool = False
    verifies: bool = False
    # Where unqualified names are looked for first; PostgreSQL only.
    schema: str = ""

    def signed(self, user: str | None, password: str | None) -> "Address":
        return replace(self, user=user or self.user, password=password or self.password)


def parse(url: str) -> Address:
    dialect = (re.match(r"jdbc:(\w+):", url) or ["", ""])[1]
    if dialect not in ports:
        raise NotImplementedError(f"The embedded engine speaks to PostgreSQL and MySQL by JDBC addresses, not to {dialect or url!r}; "
                                  "the `spark` engine takes any driver's jar.")
    match = re.fullmatch(r"jdbc:\w+://(?P<host>\[[^\]]+\]|[^:/?,]+)(?::(?P<port>\d+))?/(?P<database>[^?;]*)(?:\?(?P<parameters>.*))?", url)
    if not match:
        raise ValueError(f"{url} is no JDBC address of the form jdbc:{dialect}://HOST:PORT/DATABASE.")
    given = {name.lower(): value for name, value in parse_qsl(match["parameters"] or "", keep_blank_values=True)}
    for name in given.keys() - harmless - encryption - {"user", "password", "currentschema"}:
        raise NotImplementedError(f"The embedded engine does not cover the JDBC parameter {name}.")
    mode = given.get("sslmode", "").lower().replace("_", "-")
    # PostgreSQL's `ssl=true` alone checks the certificate, MySQL's `useSSL` does not.
    verifies = mode.startswith("verify") or (dialect == "postgresql" and not mode and is_true(given.get("ssl"))) or is_true(given.get("verifyservercertificate"))
    encrypts = verifies or mode in ("require", "required") or any(is_true(given.get(name)) for name in ("ssl", "usessl", "requiressl"))
    return Address(dialect, match["host"].strip("[]"), int(match["port"] or ports[dialect]), unquote(match["database"]), given.get("user", ""),
                   given.get("password", ""), encrypts, verifies, given.get("currentschema", ""))


def is_true(value: str | None) -> bool:
    return (value or "").lower() == "true"
