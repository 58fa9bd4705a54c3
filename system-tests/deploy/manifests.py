"""Kubernetes objects: rendered from the chart, read from files, and checked against the API's schemas."""

import itertools
import subprocess
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema
import pytest
import yaml
from kubernetes_validate import utils as kubernetes

from deploy.custom_resources import SCHEMAS
from deploy.tools import CHART, helm

NAMESPACE = "missing-table-dev"
Object = dict[str, Any]
VALUES = sorted(path.name for path in (CHART / "ci").glob("*.yaml"))
"""The values files that everything is rendered with."""


def versions() -> list[str]:
    """The two latest versions of Kubernetes whose schemas are here."""
    known = dict.fromkeys(kubernetes.major_minor(version) for version in kubernetes.all_versions())
    return list(known)[-2:]


@cache
def rendered(values: str) -> list[Object]:
    """All objects of the chart with a values file of `ci/`."""
    done = template(values)
    if done.returncode:
        pytest.fail(f"{values}: {done.stderr}", pytrace=False)
    return parsed(done.stdout)


def template(values: str, *settings: str, release: str = "missing-table") -> subprocess.CompletedProcess[str]:
    """Has helm render `values` with `settings` (such as `a.b=c`, in JSON), as a release of this name."""
    options = [part for setting in settings for part in ("--set-json", setting)]
    files = ("--namespace", NAMESPACE, "--values", str(CHART / "ci" / values))
    return helm("template", release, str(CHART), *files, *options)


def changed(values: str, *settings: str, release: str = "missing-table") -> list[Object]:
    """All objects of `values` with `settings`."""
    done = template(values, *settings, release=release)
    assert done.returncode == 0, done.stderr
    return parsed(done.stdout)


def refusal(values: str, *settings: str, release: str = "missing-table") -> str:
    """Why helm refuses to render `values` with `settings`; fails where it does not."""
    done = template(values, *settings, release=release)
    assert done.returncode != 0, f"rendered with {settings}"
    return "\n".join(line for line in done.stderr.splitlines() if "symbolic link" not in line)


def parsed(text: str) -> list[Object]:
    """The documents of a YAML text; a key that is there twice is an error."""
    return [document for document in yaml.load_all(text, _Strict) if document is not None]


def schema_errors(found: Object, version: str) -> str | None:
    """What is wrong with an object, by the schema of its kind; None if nothing."""
    own = SCHEMAS.get((found["apiVersion"], found["kind"]))
    try:
        if own is not None:
            jsonschema.validate(found, own)
        else:
            kubernetes.validate(found, version, strict=True)
    except (jsonschema.ValidationError, kubernetes.ValidationError) as error:
        where = "/".join(str(part) for part in error.path)
        return f"{found['kind']} {found['metadata']['name']}: {where}: {error.message}"
    return None


def named(objects: list[Object], kind: str, name: str) -> Object:
    """The one object of this kind and name."""
    (found,) = [each for each in objects if each["kind"] == kind and each["metadata"]["name"] == name]
    return found


def of_kind(objects: list[Object], kind: str) -> list[Object]:
    return [each for each in objects if each["kind"] == kind]


def pod_of(found: Object) -> Object | None:
    """The pod template of an object that starts pods."""
    spec = found.get("spec", {})
    if found["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    template: Object | None = spec.get("template") if isinstance(spec, dict) else None
    return template


def pods(objects: list[Object]) -> Iterator[tuple[str, Object]]:
    """The pod templates of these objects, with their names."""
    for each in objects:
        template = pod_of(each)
        if template is not None:
            yield f"{each['kind']} {each['metadata']['name']}", template


def containers(objects: list[Object]) -> Iterator[tuple[str, Object]]:
    """The containers of these objects, with the names of what starts them."""
    for name, template in pods(objects):
        spec = template["spec"]
        for container in itertools.chain(spec.get("initContainers", []), spec["containers"]):
            yield name, container


class _Strict(yaml.SafeLoader):
    """A loader that refuses a key that is there twice, as Kubernetes does."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        assert len(keys) == len(set(keys)), (
            f"twice: {sorted(key for key in keys if keys.count(key) > 1)} {node.start_mark}"
        )
        return super().construct_mapping(node, deep)
