"""The custom resources of the chart: a small schema for each, of the fields that are used.

The API schemas of Kubernetes do not have them. These follow the operators' documents; a field that is not here is a
mistake, until someone has looked it up there.
"""

from typing import Any, Final


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": required | (optional or {}),
        "required": list(required),
        "additionalProperties": False,
    }


_TEXT: Final = {"type": "string", "minLength": 1}
_COUNT: Final = {"type": "integer", "minimum": 0}
_TEXTS: Final = {"type": "object", "additionalProperties": {"type": "string"}}
_DURATION: Final = {"type": "string", "pattern": "^([0-9]+(ms|s|m|h|d|w))+$"}
_METADATA: Final = _object({"name": _TEXT, "namespace": _TEXT}, {"labels": _TEXTS, "annotations": _TEXTS})
_RESOURCES: Final = _object({"requests": _TEXTS, "limits": _TEXTS})
_RULE: Final = _object(
    {"alert": _TEXT, "expr": _TEXT, "labels": _TEXTS, "annotations": _TEXTS},
    {"for": _DURATION, "keep_firing_for": _DURATION},
)

RULES: Final = _object(
    {
        "groups": {
            "type": "array",
            "minItems": 1,
            "items": _object(
                {"name": _TEXT, "rules": {"type": "array", "minItems": 1, "items": _RULE}}, {"interval": _DURATION}
            ),
        }
    }
)
"""A file of rules, for Prometheus itself and as the `spec` of a PrometheusRule."""

_SPECS: Final[dict[tuple[str, str], dict[str, Any]]] = {
    ("keda.sh/v1alpha1", "TriggerAuthentication"): _object(
        {
            "secretTargetRef": {
                "type": "array",
                "items": _object({"parameter": {"const": "host"}, "name": _TEXT, "key": _TEXT}),
            }
        }
    ),
    ("keda.sh/v1alpha1", "ScaledObject"): _object(
        {
            "scaleTargetRef": _object({"name": _TEXT}),
            "minReplicaCount": _COUNT,
            "maxReplicaCount": _COUNT,
            "triggers": {
                "type": "array",
                "items": _object(
                    {
                        "type": {"const": "rabbitmq"},
                        "metadata": _object(
                            {
                                "protocol": {"enum": ["amqp", "http", "auto"]},
                                "queueName": _TEXT,
                                "mode": {"enum": ["QueueLength", "MessageRate"]},
                                "value": {"type": "string", "pattern": "^[0-9]+$"},
                            }
                        ),
                        "authenticationRef": _object({"name": _TEXT}),
                    }
                ),
            },
        },
        {"cooldownPeriod": _COUNT, "pollingInterval": _COUNT},
    ),
    ("rabbitmq.com/v1beta1", "RabbitmqCluster"): _object(
        {
            "replicas": _COUNT,
            "persistence": _object({"storage": _TEXT}, {"storageClassName": _TEXT}),
            "resources": _RESOURCES,
            "rabbitmq": _object({"additionalConfig": _TEXT}),
            "override": _object({"statefulSet": {"type": "object"}}),
        }
    ),
    ("postgresql.cnpg.io/v1", "Cluster"): _object(
        {
            "instances": {"type": "integer", "minimum": 1},
            "bootstrap": _object({"initdb": _object({"database": _TEXT, "owner": _TEXT, "encoding": _TEXT})}),
            "storage": _object({"size": _TEXT}, {"storageClass": _TEXT}),
            "resources": _RESOURCES,
        }
    ),
    ("monitoring.coreos.com/v1", "ServiceMonitor"): _object(
        {
            "selector": _object({"matchLabels": _TEXTS}),
            "endpoints": {
                "type": "array",
                "items": _object({"port": _TEXT, "path": _TEXT, "interval": _DURATION}),
            },
        }
    ),
    ("monitoring.coreos.com/v1", "PrometheusRule"): RULES,
}

SCHEMAS: Final = {
    key: _object(
        {"apiVersion": {"const": key[0]}, "kind": {"const": key[1]}, "metadata": _METADATA, "spec": spec},
    )
    for key, spec in _SPECS.items()
}
"""By API version and kind."""
