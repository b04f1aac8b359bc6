"""Holds requests and answers against a published OpenAPI specification; whatever differs is kept as a violation."""

import json
import re
from pathlib import Path

_TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float)}


class Specification:
    """`file`: OpenAPI 3.0 as JSON, or None: then nothing is looked at."""

    def __init__(self, file):
        self.spec = json.loads(Path(file).read_text()) if file else None
        self.violations = []
        self.paths = [(_pattern(path), path) for path in self.spec["paths"]] if file else []

    def look(self, method, path, request, answer):
        """Hold one exchange against the specification. `request` has `headers`, `query` (name -> text) and `body`."""
        if self.spec:
            told = path.removeprefix("/2/0").partition("?")[0]
            found = next((known for pattern, known in self.paths if pattern.fullmatch(told)), None)
            described = self.spec["paths"].get(found, {})
            operation = described.get(method.lower())
            if not operation:
                self.violations.append(f"{method} {told} is not in the specification")
                return
            where = f"{method} {found}"
            self._query(where, [*described.get("parameters", ()), *operation.get("parameters", ())], request.query)
            self._request(where, operation, request.headers, request.body)
            self._answer(where, operation, answer)

    def _query(self, where, parameters, query):
        """Every parameter of the query is described and of its type, and those that are required are there."""
        told = [one for one in map(self._resolved, parameters) if one["in"] == "query"]
        known = {one["name"]: one.get("schema", {}) for one in told}
        self.violations += [f"{where}: no parameter {name}" for name in query if name not in known]
        missing = [one["name"] for one in told if one.get("required") and one["name"] not in query]
        self.violations += [f"{where}: the parameter {name} is missing" for name in missing]
        for name, value in query.items():
            kind = self._resolved(known.get(name, {})).get("type")
            if kind == "integer" and not value.isdigit():
                self.violations.append(f"{where}: {name} is no integer")

    def _request(self, where, operation, headers, body):
        described = operation.get("requestBody")
        if not described:
            return
        kind = (headers.get("Content-Type") or "").partition(";")[0]
        if body and kind not in described["content"]:
            self.violations.append(f"{where}: a body of {kind}")
        elif body and kind == "application/json":
            self._check(where, json.loads(body), described["content"][kind].get("schema", {}))
        if not body and described.get("required"):
            self.violations.append(f"{where}: no body")

    def _answer(self, where, operation, answer):
        described = operation["responses"].get(str(answer.status))
        if described is None:
            self.violations.append(f"{where}: the answer {answer.status} is not described")
            return
        content = self._resolved(described).get("content") or {}
        if "application/json" in content and answer.kind == "application/json" and answer.content is not None:
            self._check(f"{where} -> {answer.status}", answer.content, content["application/json"].get("schema", {}))

    def _resolved(self, told):
        while "$ref" in told:
            part = self.spec
            for name in told["$ref"].removeprefix("#/").split("/"):
                part = part[name]
            told = part
        return told

    def _check(self, where, value, schema):
        """Type, required members, members by name, choices; of an object whose members are described, no other."""
        schema = self._resolved(schema)
        if value is None and schema.get("nullable", True):
            return
        kind = _TYPES.get(schema.get("type"))
        if kind and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
            self.violations.append(f"{where}: {type(value).__name__} for {schema['type']}")
            return
        if "enum" in schema and value not in schema["enum"]:
            self.violations.append(f"{where}: {value!r} is none of {schema['enum']}")
        for name in schema.get("required", ()):
            if isinstance(value, dict) and name not in value:
                self.violations.append(f"{where}: no {name}")
        described = schema.get("properties") or {}
        if described and isinstance(value, dict) and not schema.get("additionalProperties"):
            self.violations += [f"{where}: {name} is not described" for name in value if name not in described]
        for name, part in described.items():
            if isinstance(value, dict) and name in value:
                self._check(f"{where}.{name}", value[name], part)
        for one in value if isinstance(value, list) and "items" in schema else ():
            self._check(f"{where}[]", one, schema["items"])


def _pattern(path):
    return re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path)))
