"""`missing-table broker`: is it set up as it should be?"""

from typing import Annotated

import typer

from missing_table.cli.running import configured
from missing_table.errors import ConfigurationProblem

app = typer.Typer(help="The broker: is it set up as it should be?", no_args_is_help=True)


@app.command("check")
def check_broker(
    management_url: Annotated[
        str | None,
        typer.Option(envvar="RABBITMQ_MANAGEMENT_URL", help="Such as http://user:password@host:15672."),
    ] = None,
) -> None:
    """Compare a running broker with rabbitmq/definitions.json, and say what differs. Exit 2 where something does.

    Without --management-url: the host and the user of RABBITMQ_URL, port 15672.
    """
    from missing_table.worker import broker_check as check

    broker = configured().broker()
    if broker is None:
        raise ConfigurationProblem("there is no broker to check: RABBITMQ_URL is not set")
    found = check.running(management_url or check.management_url(broker), check.virtual_host(broker))
    differences = check.differences(check.shipped(), found)
    for each in differences:
        print(f"- {each}")
    if differences:
        raise typer.Exit(ConfigurationProblem.exit_code)
    print("the broker is set up as rabbitmq/definitions.json has it")
