"""A pytest plugin for `mutate.py`: what Hypothesis finds is neither shrunk nor kept, and is the same each time."""


def pytest_configure() -> None:
    """Not before: pytest wants to be there first when Hypothesis is imported."""
    from hypothesis import Phase, settings

    settings.register_profile("mutation", phases=[Phase.explicit, Phase.generate], database=None, derandomize=True)
    settings.load_profile("mutation")
