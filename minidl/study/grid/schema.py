"""The JSON Schema of grid files, for editors: what a study may say, and what its rules may."""

from __future__ import annotations

from typing import Any

from minidl.registry import CHOSEN
from minidl.study.grid.settings import RunSettings
from minidl.study.grid.spec import StudySpec

OPEN = r"^(data|model|activation|loss|optimizer|schedule|init|early_stopping)\..+"
PARTS = {"model": "ModelSettings", "early_stopping": "Stopping"}
DEFS = "#/$defs/setting "
Schema = dict[str, Any]


def study_schema() -> Schema:
    """Return the schema of a study.

    Axes, includes and overrides name settings by dotted keys, and take their values; what ``when``
    and ``exclude`` ask for may also be a part of a component.
    """
    schema = StudySpec.model_json_schema()
    keys = settings(schema)
    own = {key: form for key, form in keys.items() if place(key) == DEFS + key}
    schema["$defs"] |= {f"setting {key}": form for key, form in own.items()}
    grid = schema["properties"]["grid"]
    _, drawn = grid["additionalProperties"]["anyOf"]
    schema["$defs"]["drawn axis"] = drawn
    grid |= mapping({key: axis(key, own) for key, own in keys.items()}, axis(None, {}))
    new = {key: referred(key, own) for key, own in keys.items()}
    wanted = {key: partly(key, own) for key, own in keys.items()}
    schema["$defs"] |= {"new settings": mapping(new), "wanted settings": mapping(wanted)}
    rules, override = schema["properties"], schema["$defs"]["Override"]["properties"]
    rules["include"]["items"] = {"$ref": "#/$defs/new settings"}
    rules["exclude"]["items"] = {"$ref": "#/$defs/wanted settings"}
    for name, form in (("set", "new settings"), ("when", "wanted settings")):
        kept = {k: v for k, v in override[name].items() if k in ("description", "minProperties")}
        override[name] = {"$ref": f"#/$defs/{form}", **kept}
    return schema


def place(key: str) -> str:
    """Return where the schema of a setting stands."""
    part, _, name = key.partition(".")
    if not name:
        return f"#/properties/{key}"
    in_form = part in PARTS and "." not in name
    return f"#/$defs/{PARTS[part]}/properties/{name}" if in_form else DEFS + key


def settings(schema: Schema) -> dict[str, Schema]:
    """Return the schema of every setting by its dotted key."""
    found = {key: schema["properties"][key] for key in RunSettings.model_fields}
    for key, name in PARTS.items():
        found |= {f"{key}.{k}": v for k, v in schema["$defs"][name]["properties"].items()}
    for key in [key for key in CHOSEN if key in found]:
        for argument, forms in arguments(found[key]).items():
            own = forms[0] if len(forms) == 1 else {"anyOf": forms}
            text = forms[0].get("description", f"of the {key}")
            found[f"{key}.{argument}"] = {**own, "description": text}
    return found


def arguments(component: Schema) -> dict[str, list[Schema]]:
    """Return the arguments that components of a kind have, each with the forms that it has."""
    forms: dict[str, list[Schema]] = {}
    for each in component["anyOf"][1:]:
        for name, own in each["properties"].items():
            plain = {k: v for k, v in own.items() if k not in ("default", "title")}
            if name != "name" and plain not in forms.setdefault(name, []):
                forms[name].append(plain)
    return forms


def mapping(keys: dict[str, Schema], other: Schema | None = None) -> Schema:
    """Return the schema of a mapping from dotted keys; those of components of one's own too."""
    return {
        "type": "object",
        "properties": keys,
        "patternProperties": {OPEN: other or {}},
        "additionalProperties": False,
    }


def referred(key: str, own: Schema) -> Schema:
    """Return a reference to a setting, with what an editor shows of it."""
    told = {"description": own["description"]} if "description" in own else {}
    return {"$ref": place(key), **told}


def partly(key: str, own: Schema) -> Schema:
    """Return what a rule may ask of a setting: its value, or of a mapping a part."""
    if "anyOf" not in own and "$ref" not in own:
        return referred(key, own)
    told = {"description": own["description"]} if "description" in own else {}
    return {"anyOf": [{"$ref": place(key)}, {"type": "object"}], **told}


def axis(key: str | None, own: Schema) -> Schema:
    """Return the schema of an axis: the values of a setting, or a way to draw them."""
    items = {} if key is None else {"$ref": place(key)}
    told = {"description": own["description"]} if "description" in own else {}
    values = {"type": "array", "items": items, "minItems": 1}
    return {"anyOf": [values, {"$ref": "#/$defs/drawn axis"}], **told}
