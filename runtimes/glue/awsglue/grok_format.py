"""Log lines read by Grok patterns: `%{PATTERN:field}`, made of named regular expressions that may hold others.

The patterns' names and meanings are those of Logstash's public reference; their expressions are ours.
"""

import re

from awsglue.unsupported import refuse

patterns = {
    "USERNAME": r"[\w.-]+", "USER": "%{USERNAME}", "INT": r"[+-]?\d+", "BASE10NUM": r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)", "NUMBER": "%{BASE10NUM}",
    "BASE16NUM": r"[+-]?(?:0x)?[0-9A-Fa-f]+", "POSINT": r"[1-9]\d*", "NONNEGINT": r"\d+", "WORD": r"\b\w+\b", "NOTSPACE": r"\S+",
    "SPACE": r"\s*", "DATA": r".*?", "GREEDYDATA": r".*", "QUOTEDSTRING": r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'", "QS": "%{QUOTEDSTRING}",
    "UUID": r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}", "MAC": r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}",
    "IPV4": r"(?:\d{1,3}\.){3}\d{1,3}", "IPV6": r"[0-9A-Fa-f]*:[0-9A-Fa-f:.]+", "IP": "(?:%{IPV6}|%{IPV4})",
    "HOSTNAME": r"\b[0-9A-Za-z][\w-]{0,62}(?:\.[0-9A-Za-z][\w-]{0,62})*\.?", "HOST": "%{HOSTNAME}", "IPORHOST": "(?:%{IP}|%{HOSTNAME})",
    "HOSTPORT": "%{IPORHOST}:%{POSINT}", "UNIXPATH": r"(?:/[^\s/]*)+", "WINPATH": r"(?:[A-Za-z]:|\\)(?:\\[^\\?*\s]*)+", "PATH": "(?:%{UNIXPATH}|%{WINPATH})",
    "URIPROTO": r"[A-Za-z][\w+.-]*", "URIHOST": "%{IPORHOST}(?::%{POSINT})?", "URIPATH": r"(?:/[^\s?#]*)+", "URIPARAM": r"\?\S*",
    "URIPATHPARAM": "%{URIPATH}(?:%{URIPARAM})?", "URI": "%{URIPROTO}://(?:%{USER}(?::[^@]*)?@)?(?:%{URIHOST})?(?:%{URIPATHPARAM})?",
    "EMAILLOCALPART": r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+", "EMAILADDRESS": "%{EMAILLOCALPART}@%{HOSTNAME}",
    "MONTH": r"\b(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:tember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b",
    "MONTHNUM": r"0?[1-9]|1[0-2]", "MONTHNUM2": r"0[1-9]|1[0-2]", "MONTHDAY": r"0[1-9]|[12]\d|3[01]|[1-9]",
    "DAY": r"(?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?)", "YEAR": r"(?:\d\d){1,2}",
    "HOUR": r"2[0-3]|[01]?\d", "MINUTE": r"[0-5]\d", "SECOND": r"(?:[0-5]?\d|60)(?:[:.,]\d+)?", "TIME": "(?:%{HOUR}):(?:%{MINUTE})(?::(?:%{SECOND}))?",
    "DATE_US": "(?:%{MONTHNUM})[/-](?:%{MONTHDAY})[/-](?:%{YEAR})", "DATE_EU": "(?:%{MONTHDAY})[./-](?:%{MONTHNUM})[./-](?:%{YEAR})",
    "ISO8601_TIMEZONE": r"(?:Z|[+-]\d\d:?(?:\d\d)?)", "ISO8601_SECOND": "(?:%{SECOND})",
    "TIMESTAMP_ISO8601": r"(?:%{YEAR})-(?:%{MONTHNUM})-(?:%{MONTHDAY})[T ](?:%{HOUR}):?(?:%{MINUTE})(?::?(?:%{SECOND}))?(?:%{ISO8601_TIMEZONE})?",
    "DATE": "(?:%{DATE_US}|%{DATE_EU})", "DATESTAMP": "%{DATE}[- ]%{TIME}", "TZ": r"[A-Z]{3,4}",
    "HTTPDATE": r"(?:%{MONTHDAY})/%{MONTH}/(?:%{YEAR}):%{TIME} %{INT}", "SYSLOGTIMESTAMP": "%{MONTH} +(?:%{MONTHDAY}) %{TIME}",
    "PROG": r"[\w./%-]+", "SYSLOGPROG": r"%{PROG:program}(?:\[%{POSINT:pid}\])?", "SYSLOGHOST": "%{IPORHOST}",
    "LOGLEVEL": r"(?:[Aa]lert|ALERT|[Tt]race|TRACE|[Dd]ebug|DEBUG|[Nn]otice|NOTICE|[Ii]nfo|INFO|[Ww]arn(?:ing)?|WARN(?:ING)?|[Ee]rr(?:or)?|ERR(?:OR)?"
                r"|[Cc]rit(?:ical)?|CRIT(?:ICAL)?|[Ff]atal|FATAL|[Ss]evere|SEVERE|EMERG(?:ENCY)?|[Ee]merg(?:ency)?)",
    "COMMONAPACHELOG": r"%{IPORHOST:clientip} %{NOTSPACE:ident} %{NOTSPACE:auth} \[%{HTTPDATE:timestamp}\] "
                       r"\"(?:%{WORD:verb} %{NOTSPACE:request}(?: HTTP/%{NUMBER:httpversion})?|%{DATA:rawrequest})\" %{NUMBER:response} (?:%{NUMBER:bytes}|-)",
    "COMBINEDAPACHELOG": "%{COMMONAPACHELOG} %{QS:referrer} %{QS:agent}",
}
reference = re.compile(r"%\{(\w+)(?::([\w.@-]+))?(?::(\w+))?\}")
converted = {"int": int, "integer": int, "long": int, "float": float, "double": float, "string": str}
depth_max = 30


class GrokLog:
    def __init__(self, given: dict):
        options = {name.lower(): value for name, value in given.items()}
        for name in set(options) - {"logformat", "custompatterns", "missing", "linecount", "strictmode"}:
            refuse(f"format grokLog with the option {name}")
        if str(options.get("linecount", "1")) != "1":
            refuse("format grokLog with LineCount over 1")
        if not options.get("logformat"):
            raise ValueError("The format grokLog needs the option logFormat.")
        self._missing = options.get("missing", "-")
        self._pattern = Grok(options["logformat"], options.get("custompatterns", ""))

    def records(self, stream):
        for raw in stream:
            line = raw.decode("utf-8", errors="replace").rstrip("\r\n")
            if not line:
                continue
            found = self._pattern.match(line)
            if found is None:
                yield line, ValueError("The line does not match logFormat.")
            else:
                yield {name: None if value == self._missing else value for name, value in found.items()}


class Grok:
    def __init__(self, format: str, custom: str):
        self._patterns = {**patterns, **dict(line.strip().split(None, 1) for line in custom.splitlines() if len(line.split(None, 1)) == 2)}
        self._fields: list[tuple[str, str]] = []
        self._expression = re.compile(self._expanded(format, 0))

    def _expanded(self, text: str, depth: int) -> str:
        if depth > depth_max:
            raise ValueError("Grok patterns hold each other without end.")

        def expand(match: re.Match) -> str:
            name, field, kind = match.groups()
            if name not in self._patterns:
                raise ValueError(f"There is no Grok pattern {name}.")
            if kind and kind not in converted:
                raise ValueError(f"A Grok field is of {', '.join(converted)}, not {kind}.")
            inner = self._expanded(self._patterns[name], depth + 1)
            if not field:
                return f"(?:{inner})"
            self._fields.append((field, kind or "string"))
            return f"(?P<f{len(self._fields) - 1}>{inner})"

        return reference.sub(expand, text)

    def match(self, line: str) -> dict | None:
        found = self._expression.search(line)
        if not found:
            return None
        fields: dict = {}
        for index, (name, kind) in enumerate(self._fields):
            value = found[f"f{index}"]
            if value is not None or name not in fields:
                fields[name] = None if value is None else converted[kind](value)
        return fields
