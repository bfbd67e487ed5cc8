"""XML for DynamicFrames: each element of the row tag is a record; attributes and children are its fields."""

import re
import xml.etree.ElementTree as ElementTree

from awsglue.unsupported import refuse

known = {"rowtag", "encoding", "excludeattribute", "treatemptyvaluesasnulls", "attributeprefix", "valuetag", "ignoresurroundingspaces"}


class Xml:
    def __init__(self, given: dict):
        options = {name.lower(): value for name, value in given.items()}
        for name in set(options) - known:
            refuse(f"format xml with the option {name}")
        if not options.get("rowtag"):
            raise ValueError("The format xml needs the option rowTag.")
        self._row_tag = options["rowtag"]
        self._encoding = options.get("encoding")
        self._has_attributes = not flag(options.get("excludeattribute"))
        self._empty_is_null = flag(options.get("treatemptyvaluesasnulls"))
        self._prefix = options.get("attributeprefix", "_")
        self._value_tag = options.get("valuetag", "_VALUE")
        self._strips = flag(options.get("ignoresurroundingspaces"))

    def records(self, stream):
        try:
            parser = ElementTree.XMLParser(encoding=self._encoding)
            for _, element in ElementTree.iterparse(stream, ("end",), parser=parser):
                if local_name(element.tag) == self._row_tag:
                    value = self._value(element)
                    yield value if isinstance(value, dict) else {self._value_tag: value}
                    element.clear()
        except ElementTree.ParseError as error:
            yield "", error

    def _value(self, element):
        fields: dict = {}
        if self._has_attributes:
            fields.update({f"{self._prefix}{local_name(name)}": self._scalar(text) for name, text in element.attrib.items()})
        for child in element:
            name, value = local_name(child.tag), self._value(child)
            if name in fields:
                there = fields[name]
                fields[name] = [*there, value] if isinstance(there, list) else [there, value]
            else:
                fields[name] = value
        text = self._scalar(element.text)
        if not fields:
            return text
        if text is not None and not (isinstance(text, str) and not text.strip()):
            fields[self._value_tag] = text
        return fields

    def _scalar(self, text: str | None):
        if text is None:
            return None
        if self._strips:
            text = text.strip()
        if self._empty_is_null and not text.strip():
            return None
        plain = text.strip()
        if re.fullmatch(r"[+-]?\d{1,18}", plain):
            return int(plain)
        if re.fullmatch(r"[+-]?(\d+\.\d*|\.\d+|\d+)([eE][+-]?\d+)?", plain):
            return float(plain)
        return plain == "true" if plain in ("true", "false") else text


def local_name(tag: str) -> str:
    return tag.rpartition("}")[2]


def flag(value) -> bool:
    return str(value).lower() == "true"
