"""Runs of one cell that were made in more than one numerical environment are said to be so."""

import json

from helpers.studies import TINY, change, minidl, train


def test_tables_verdicts_and_status_say_it(tmp_path):
    folder = train(TINY, tmp_path)
    assert "numerical environment" not in minidl("tables", folder).stdout
    facts = json.dumps({"torch": "2.13.0", "capability": "DEFAULT", "MKL_CBWR": "AVX2"})
    change(folder, f"INSERT INTO environment (id, facts) VALUES (99, '{facts}')")
    change(folder, "UPDATE run SET environment_id = 99 WHERE seed = 1")
    words = ("--reference", "paper")
    for command in (("tables", folder), ("status", folder), ("verdicts", folder, *words)):
        said = " ".join(minidl(*command).stdout.split())
        assert "cells with runs of more than one numerical environment" in said, command
    assert json.loads(minidl("status", folder, "--json").stdout)["mixed"] == 8
