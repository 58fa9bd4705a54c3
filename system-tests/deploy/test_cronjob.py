"""The manifest of one CronJob: as the plan has it, and what was bettered."""

from typing import Any

import pytest

from deploy.manifests import containers, named, of_kind, parsed, pod_of, schema_errors, versions
from surfaces import ROOT

MANIFEST = parsed((ROOT / "missing-table/k8s/match-scraper-cronjob.yaml").read_text())


@pytest.fixture
def cronjob() -> dict[str, Any]:
    return named(MANIFEST, "CronJob", "match-scraper")


def test_it_is_what_the_api_takes() -> None:
    assert [schema_errors(each, version) for version in versions() for each in MANIFEST] == [None] * 4


def test_it_is_as_the_plan_has_it(cronjob: dict[str, Any]) -> None:
    labels = {"app": "match-scraper", "component": "scraper"}
    assert cronjob["metadata"] == {"name": "match-scraper", "namespace": "missing-table-dev", "labels": labels}
    spec = cronjob["spec"]
    assert spec["schedule"] == "0 */6 * * *"
    assert spec["concurrencyPolicy"] == "Forbid"
    assert (spec["successfulJobsHistoryLimit"], spec["failedJobsHistoryLimit"]) == (3, 3)
    assert spec["jobTemplate"]["metadata"]["labels"] == labels
    assert spec["jobTemplate"]["spec"]["backoffLimit"] == 2
    ((_, container),) = containers([cronjob])
    assert container["name"] == "match-scraper"
    assert container["env"][0] == {
        "name": "RABBITMQ_URL",
        "valueFrom": {"secretKeyRef": {"name": "missing-table-secrets", "key": "rabbitmq-url"}},
    }
    assert {variable["name"]: variable.get("value") for variable in container["env"][1:]} == {
        "AGE_GROUP": "U14",
        "DIVISION": "Northeast",
        "LOG_LEVEL": "INFO",
    }
    assert container["resources"] == {
        "requests": {"memory": "512Mi", "cpu": "500m"},
        "limits": {"memory": "1Gi", "cpu": "1000m"},
    }


def test_what_was_bettered(cronjob: dict[str, Any]) -> None:
    job = cronjob["spec"]["jobTemplate"]["spec"]
    assert 0 < job["activeDeadlineSeconds"] < 6 * 3600
    assert cronjob["spec"]["startingDeadlineSeconds"] > 0
    pod = pod_of(cronjob)
    assert pod is not None
    assert pod["spec"]["restartPolicy"] == "Never", "podFailurePolicy is refused with OnFailure"
    ((_, container),) = containers([cronjob])
    assert not container["image"].endswith(":latest")
    assert "livenessProbe" not in container
    claim = next(volume for volume in pod["spec"]["volumes"] if "persistentVolumeClaim" in volume)
    assert (
        claim["persistentVolumeClaim"]["claimName"] == of_kind(MANIFEST, "PersistentVolumeClaim")[0]["metadata"]["name"]
    )


def test_only_what_another_attempt_may_mend_is_tried_again(cronjob: dict[str, Any]) -> None:
    ignored, failed = cronjob["spec"]["jobTemplate"]["spec"]["podFailurePolicy"]["rules"]
    assert (ignored["action"], ignored["onPodConditions"][0]["type"]) == ("Ignore", "DisruptionTarget")
    assert (failed["action"], failed["onExitCodes"]["values"]) == ("FailJob", [1, 2, 5])
