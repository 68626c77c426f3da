"""Settings: where each is read from, which one wins, and what is said of one that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from iio_kg.config import CONFIG_FILE, load_settings
from iio_kg.errors import ConfigError


def test_a_variable_outweighs_the_file_and_an_option_outweighs_both(tmp_path: Path) -> None:
    (tmp_path / CONFIG_FILE).write_text('port = 9001\nhost = "0.0.0.0"\nsparql_timeout = 2.5\n')
    settings = load_settings({"IIO_KG_PORT": "9002"}, tmp_path)
    assert (settings.host, settings.port, settings.sparql_timeout) == ("0.0.0.0", 9002, 2.5)
    assert settings.with_options(port=9003, host=None).port == 9003
    assert settings.with_options(port=9003, host=None).host == "0.0.0.0"


def test_a_file_may_lie_elsewhere(tmp_path: Path) -> None:
    named = tmp_path / "other.toml"
    named.write_text('corpus = "~/texts"\n')
    assert load_settings({"IIO_KG_CONFIG": str(named)}).corpus == Path("~/texts").expanduser()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('port = "many"\n', "port: 'many' is not a whole number"),
        ("colour = 3\n", "colour: there is no such setting"),
        ("port = = 1\n", "line 1"),
        ('model_source = "magic"\n', "model_source: 'magic' is unknown"),
        ('base_uri = "https://example.org/x"\n', "does not end in a slash"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_with_its_file(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / CONFIG_FILE).write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_settings({}, tmp_path)
    assert said in caught.value.message
    assert CONFIG_FILE in caught.value.message


def test_a_configuration_file_that_is_named_and_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings({"IIO_KG_CONFIG": str(tmp_path / "none.toml")})


def test_a_variable_that_is_no_setting_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="IIO_KG_COLOUR: there is no such setting"):
        load_settings({"IIO_KG_COLOUR": "red"}, tmp_path)
