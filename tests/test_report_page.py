"""report.html in a real browser: it shows the store's numbers, asks for nothing, can be used."""

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers.axe import complaints
from helpers.browser import browser, shown
from helpers.constructed_store import make_store
from helpers.studies import SCORES, TINY, change, fail, minidl, part, train, write

from minidl import Linear, Sequential
from minidl.metrics import Metric
from minidl.registry import KINDS
from minidl.report.html.networks import asked, networks_data, scripted
from minidl.report.html.pack import Numbers, packed
from minidl.report.networks.points import points_of
from minidl.report.results import read_results
from minidl.report.spelling import spelled
from minidl.report.statistics.shares import variance_shares
from minidl.report.tables.scores import tables as tables_of
from minidl.report.write import write_page, write_reports
from minidl.study.grid.components import make, resolve
from minidl.study.grid.expand import expand
from minidl.study.grid.load import parse_study
from minidl.study.result import RunResult
from minidl.study.stacks.train import train_stack
from minidl.study.stacks.weights import restore
from minidl.study.store.store import Store

PICTURES = "[...document.querySelectorAll('#network-grid canvas')].map(c => c.toDataURL()).join()"
FACE = Path(__file__).parents[1] / "minidl" / "report" / "html" / "face"


@pytest.fixture(scope="module")
def chromium():
    with browser() as running:
        yield running


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    text = "reference: paper\n" + TINY.replace("epochs: 4", "epochs: 40")
    folder = train(text, tmp_path_factory.mktemp("report"))
    return write_page(write_reports(folder))


def all_drawn(page):
    """Look at every picture, and wait until it is drawn: then it is a square."""
    page.locator("#network-grid figure").last.scroll_into_view_if_needed()
    every = "[...document.querySelectorAll('#network-grid canvas')]"
    page.wait_for_function(f"{every}.every((c) => c.width === c.height)")


def page_of(study, folder):
    return write_page(write_reports(train(study, folder)))


def runs_shown(page):
    head = page.locator("#run-table thead th").all_inner_texts()
    rows = page.locator("#run-table tbody tr").all()
    return [dict(zip(head, row.locator("td").all_inner_texts(), strict=True)) for row in rows]


def test_the_numbers_are_those_of_the_store(chromium, report):
    made = tables_of(read_results(report.parent))
    with Store(report.parent) as store:
        records = store.records()
    with shown(chromium, report) as page:
        rows = runs_shown(page)
        assert len(rows) == len(records) == 16
        for row in rows:
            final = records[row["id"]].final
            assert row["test accuracy"] == f"{final['test_accuracy']:.1f}"
            assert row["training loss"] == f"{final['train_loss']:.4f}"
        tables = page.locator("#tables").inner_text()
        shown_best = page.locator("#tables tbody b").all_inner_texts()
        best = [table.rows[i][j] for table in made for i, j in table.best]
        assert sorted(shown_best) == sorted(best) != []
        markdown = (report.parent / "tables.md").read_text()
        cells = [
            c.strip()
            for line in markdown.splitlines()
            if "±" in line and "|" in line
            for c in line.split("|")
        ]
        assert [cell for cell in cells if "±" in cell and cell not in tables] == []
        claims = json.loads(minidl("verdicts", report.parent, "--json").stdout)["claims"]
        text = page.locator("#answer").inner_text()
        assert claims
        for claim in claims:
            assert claim["text"] in text
            assert claim["verdict"] in text
            assert spelled(claim["explanation"]) in text


def test_runs_are_sorted_filtered_and_opened(chromium, report):
    with shown(chromium, report) as page:
        page.get_by_role("button", name="test accuracy").click()
        values = [float(row["test accuracy ▲"]) for row in runs_shown(page)]
        assert values == sorted(values)
        page.keyboard.press("Enter")  # the heading has kept the focus
        assert [float(row["test accuracy ▼"]) for row in runs_shown(page)] == sorted(values)[::-1]
        page.get_by_label("Filter").fill("adam seed=1 relu")
        rows = runs_shown(page)
        assert {(r["activation"], r["seed"]) for r in rows} == {("ReLU", "1")}
        assert page.get_by_role("status").inner_text() == "2 of 2 runs shown, of 16"
        page.get_by_role("button", name=rows[0]["id"]).click()
        dialog = page.get_by_role("dialog")
        assert rows[0]["id"] in dialog.inner_text()
        assert "optimizer.lr" in dialog.inner_text()
        page.keyboard.press("Escape")
        assert not dialog.is_visible()


def test_a_cell_leads_to_its_seeds_and_these_to_their_runs(chromium, report):
    with shown(chromium, report) as page:
        cell = page.locator("button.cell").first
        cell.press("Enter")
        assert cell.get_attribute("aria-expanded") == "true"
        page.get_by_role("button", name="seed 1:").press("Enter")
        assert page.get_by_role("dialog").inner_text().startswith("tanh, MSE, SGD(lr=0.2), seed 1")
        page.keyboard.press("Escape")
        cell.press("Enter")
        assert page.locator(".seed-row").count() == 0


def test_networks_and_curves_are_drawn_and_change(chromium, report):
    with shown(chromium, report) as page:
        page.locator("#networks").scroll_into_view_if_needed()
        all_drawn(page)
        first = page.evaluate(PICTURES)
        page.get_by_label("all seeds").check()
        both = page.evaluate(PICTURES)
        page.get_by_role("combobox", name="Seed").select_option("1")
        assert len({first, both, page.evaluate(PICTURES)}) == 3
        page.locator("#network-grid button").first.click()
        assert page.locator(".units canvas").count() == 5
        page.keyboard.press("Escape")
        lines = page.locator("#curve-panels path.mean")
        before = lines.first.get_attribute("d")
        page.get_by_label("logarithmic").uncheck()
        assert lines.first.get_attribute("d") != before
        page.get_by_label("single seeds").check()
        thin = "document.querySelectorAll('#curve-panels path.thin').length"
        page.wait_for_function(f"{thin} === 16")
        assert page.locator("#curve-panels path.area").count() == 0  # of two seeds
        page.locator("#curve-panels svg").first.press("ArrowRight")
        assert page.locator("#curve-panels .values").first.inner_text().startswith("epoch ")


def test_the_epoch_is_chosen_by_slider_play_and_keys(chromium, report):
    with shown(chromium, report) as page:
        page.locator("#networks").scroll_into_view_if_needed()
        slider = page.locator("#network-controls").get_by_role("slider", name="Epoch")
        told = page.locator("#network-controls .epoch")
        assert told.inner_text() == "epoch 40 of 40"
        all_drawn(page)
        end = page.evaluate(PICTURES)
        slider.press("ArrowLeft")
        assert told.inner_text() == "epoch 36 of 40"
        assert page.evaluate(PICTURES) != end
        slider.press("Home")
        assert told.inner_text() == "epoch 0 of 40"
        start = page.evaluate(PICTURES)
        page.get_by_role("button", name="Play").click()
        from playwright.sync_api import expect  # only where there is a browser

        expect(told).not_to_have_text("epoch 0 of 40")
        page.get_by_role("button", name="Pause").click()
        assert page.evaluate(PICTURES) not in (start, end)
        slider.press("End")
        assert page.evaluate(PICTURES) == end
        page.get_by_role("combobox", name="Seed").select_option("1")
        assert not slider.is_visible()
        said = (
            "Seed 1 is shown as it was in the end: weights from while they were trained were kept"
        )
        assert said in page.locator("#networks").inner_text()


def wrong_at(page):
    text = page.locator("#dialog figcaption").first.inner_text()
    return int(text.split("points, ")[1].split()[0])


def test_the_page_answers_as_the_network_does_at_every_epoch(chromium, report):
    with Store(report.parent) as store:
        run = next(iter(store.outline().runs))
        kept = [*store.snapshots(run.id).items(), (40, store.weights(run.id))]
    _, data = points_of(run)
    expected = []
    for _, weights in kept:
        answers = restore(run.settings, weights).forward(data.x)
        expected.append(int(((answers >= 0.5) != (data.y >= 0.5)).sum()))
    with shown(chromium, report) as page:
        page.locator("#network-grid button").first.click()
        slider = page.get_by_role("dialog").get_by_role("slider", name="Epoch")
        slider.press("Home")
        units = "[...document.querySelectorAll('.units canvas')].map(c => c.toDataURL()).join()"
        first, found = page.evaluate(units), []
        for epoch, _ in kept:
            caption = page.locator("#dialog figcaption").first.inner_text()
            assert caption.startswith(f"After epoch {epoch}: 40 test points, ")
            found.append(wrong_at(page))
            slider.press("ArrowRight")
        assert found == expected
        assert page.locator(".units canvas").count() == 5
        assert page.evaluate(units) != first
        page.locator(".units canvas").nth(2).hover()
        said = page.locator("#dialog figcaption").first.inner_text()
        assert said == "What unit 3 of layer 1 sees"
        page.locator("#dialog h3").hover()
        assert wrong_at(page) == expected[-1]
        assert page.locator("#dialog .marked").get_attribute("visibility") == "visible"


def test_a_course_of_weights_comes_back_to_sixteen_bits(chromium):
    rows = np.random.default_rng(0).normal(size=(5, 7)).cumsum(axis=0)
    rows[:, 3:] *= 1e-3
    rows[:, 6] = 0
    rows[2, :2] = np.nan, -np.inf
    numbers = Numbers()
    numbers.floats(np.ones(3))
    state = numbers.course(rows, [3, 3, 1])
    assert numbers.floats(np.array([1.5, -2])) == [len(numbers.bytes) - 8, 2]
    load, weights = ((FACE / f"{name}.js").read_text() for name in ("load", "weights"))
    program = (
        f"async ([text, state]) => {{ {load.split('const [data')[0]}"
        "const [data, numbers] = await unpacked(text);"
        f"{weights}; data.networks = {{ states: {{ x: state }} }};"
        "return [data.told, courseOf({ id: 'x' }).map((row) => [...row])]; }"
    )
    page = chromium.new_page()
    try:
        said, found = page.evaluate(program, [packed({"told": "é<"}, numbers), state])
    finally:
        page.close()
    assert said == "é<"
    near = np.repeat(state["scales"], [3, 3, 1]) * 0.51
    assert np.isnan(found[2][0])
    found[2][0] = rows[2, 0] = 0
    rows[2, 1] = -np.abs(rows[np.isfinite(rows).all(axis=1), :3]).max()  # the end of its scale
    assert (np.abs(np.array(found) - rows) <= near).all()


def test_a_store_without_snapshots_shows_end_states_and_says_so(chromium, tmp_path):
    with shown(chromium, page_of(f"{TINY}snapshots: 0\n", tmp_path)) as page:
        assert "shown as they were in the end" in page.locator("#networks").inner_text()
        assert not page.get_by_role("slider", name="Epoch").is_visible()
        page.locator("#network-grid button").first.click()
        assert page.locator(".units canvas").count() == 5


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 768), ("dark", 390)])
def test_axe_finds_nothing(chromium, report, scheme, width):
    view = {"width": width, "height": 500}  # too low for all networks to be drawn at once
    with shown(chromium, report, color_scheme=scheme, viewport=view) as page:
        page.locator("button.cell").first.click()
        for summary in page.locator("summary").all():
            summary.click()
        assert complaints(page) == []
        page.locator("#network-grid button").first.click()
        assert complaints(page) == []


def test_two_levels_are_compared_seed_by_seed(chromium, report):
    levels = ("--factor", "loss", "--levels", "bce,mse", "--json")
    compared = json.loads(minidl("compare", report.parent, *levels).stdout)
    with shown(chromium, report) as page:
        page.get_by_role("combobox", name="Setting").select_option("loss")
        first, second = (page.get_by_role("combobox", name=n) for n in ("first", "second"))
        first.select_option("BCE")
        second.select_option("MSE")
        said = page.locator("#pair-picture p").first.inner_text()
        assert f"{compared['difference']:+.2f}".replace("-", "−") in said
        assert page.locator("#pair-picture circle").count() == 2
        first.select_option("MSE")
        second.select_option("BCE")
        again = page.locator("#pair-picture p").first.inner_text()
        assert "95 % interval" in again
        assert f"{-compared['difference']:+.2f}".replace("-", "−") in again


def test_what_matters_has_the_shares_of_the_variance(chromium, report):
    results = read_results(report.parent)
    shares = {own.source: own.share for own in variance_shares(results, "test_accuracy")}
    with shown(chromium, report) as page:
        rows = page.locator("#matters tr").all()
        assert len(rows) == len(shares) > 3
        for row in rows:
            source = row.locator("th").inner_text().split("\n")[0]
            assert row.locator("td").first.inner_text() == f"{100 * shares[source]:.0f} %"


def test_a_run_names_the_command_that_makes_it_again(chromium, report, tmp_path):
    with shown(chromium, report) as page:
        page.locator("#run-table button").nth(-1).click()
        dialog = page.get_by_role("dialog")
        words = shlex.split(dialog.locator("pre").inner_text())
        run_id = dialog.locator("td").first.inner_text()
    study = (report.parent / "study.yaml").read_text()
    study = study.replace("reference: paper\n", "")  # it has cells that this study has not
    write(tmp_path, study).rename(tmp_path / "study.yaml")
    there = ("--out", tmp_path / "a", "--json", "--no-figures", "--no-report")
    done = minidl(*words[1:2], "--grid", tmp_path / words[3], *there, *words[6:])
    assert [run["id"] for run in json.loads(done.stdout)["runs"]] == [run_id]


def test_a_column_of_a_csv_file_shows_as_text(chromium, tmp_path):
    rows = "\n".join(f"{i % 7},{i % 5},{'ab'[i % 2]}" for i in range(40))
    (tmp_path / "points.csv").write_text(
        f'"x{EVIL.replace(chr(34), chr(34) * 2)}",b,kind\n{rows}\n'
    )
    text = (
        "name: c\ndata: {name: csv, path: points.csv, target: kind, train: 30, test: 10}\n"
        "epochs: 1\nseeds: 1\nmodel: {hidden: [3]}\n"
        "grid: {loss: [mse]}\n"
    )
    minidl("run", "--grid", write(tmp_path, text), "--out", tmp_path / "o", "--no-figures")
    with shown(chromium, tmp_path / "o" / "report.html") as page:
        assert page.locator("img").count() == 0
        page.locator("#run-table tbody button").click()
        assert page.get_by_role("dialog").is_visible()


def test_a_running_study_is_told_and_watched_to_its_end(chromium, tmp_path, monkeypatch):
    text = f"reference: ee559_2021\n{TINY}"
    folder = part(tmp_path / "one", text, "activation=tanh", "seed=0")
    before = Store(folder)
    looks = before.looks()
    before.close()

    def finish(_seconds):
        page = (folder / "report.html").read_text()
        assert "4 of 16 runs are there (12 missing)." in page
        assert "judged when all runs have ended" in page
        with shown(chromium, folder / "report.html") as open_page:
            assert open_page.locator("#network-grid canvas").count() == 4
        train(text, folder)

    monkeypatch.setattr("minidl_cli.reports.sleep", finish)
    minidl("report", folder, "--watch")
    page = (folder / "report.html").read_text()
    assert "16 of 16 runs have ended." in page
    assert "judged when all runs have ended" not in page
    with Store(folder) as store:
        assert [look.seeds for look in store.looks()][len(looks) :] == [2]


def test_a_study_of_two_thousand_runs_has_a_page(chromium, tmp_path):
    text = TINY.replace("seeds: 2", "seeds: 250").replace(
        "train: 40, test: 40", "train: 9, test: 9"
    )
    spec = parse_study(text, "study")
    runs = expand(spec)
    curve = [{"epoch": float(e)} | dict.fromkeys(SCORES, 50.0 + e) for e in (2, 4)]
    with Store(tmp_path, create=True) as store:
        store.set_study(spec)
        (first,) = train_stack(runs[:1])
        results = [RunResult(run.id, "done", 0.1, curve, weights=first.weights) for run in runs]
        store.add(runs, results, {"python": "3"})
    page_file = write_page(write_reports(tmp_path))
    assert page_file.stat().st_size < 6_000_000
    with shown(chromium, page_file) as page:
        assert page.get_by_role("status").inner_text() == "50 of 2000 runs shown"
        assert page.locator("#curve-panels path.area").count() == 8
        page.get_by_label("Filter").fill("seed=249 adam tanh bce")
        assert len(runs_shown(page)) == 1


@pytest.mark.parametrize("name", sorted(scripted() & set(KINDS["activation"])))
def test_an_activation_has_the_same_values_in_the_page(chromium, name):
    settings = resolve("activation", name)
    generator = torch.Generator().manual_seed(0)
    sizes = [(2, 5), (5, 3)]
    modules = [
        m for d in sizes for m in (Linear(*d, generator=generator), make("activation", settings))
    ]
    model = Sequential(*modules)
    x = 4 * torch.randn(30, 2, generator=generator)
    weights = [v for m in model.modules for value, _ in m.param() for v in value.flatten().tolist()]
    parts = [part for _, width in sizes for part in ({"name": "linear", "width": width}, settings)]
    network = {"inputs": 2, "outputs": 3, "parts": parts}
    forward = "".join((FACE / f"{part}.js").read_text() for part in ("forms", "forward"))
    program = f"([w, n, x]) => {{ {forward}; return [...answersOf(w, n, x)]; }}"
    page = chromium.new_page()
    try:
        found = page.evaluate(program, [weights, network, x.flatten().tolist()])
    finally:
        page.close()
    expected = model.forward(x).flatten().tolist()
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 1400])
def test_it_fits_any_width_in_both_themes(chromium, report, width, scheme):
    view = {"width": width, "height": 800}
    with shown(chromium, report, viewport=view, color_scheme=scheme) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (paper == "rgb(255, 255, 255)") == (scheme == "light")


def test_print_has_no_controls(chromium, report):
    with shown(chromium, report, color_scheme="dark") as page:
        page.emulate_media(media="print")
        assert not page.locator("nav").is_visible()
        assert not page.locator("#run-controls").is_visible()
        assert page.locator("#network-controls").inner_text() == "epoch 40 of 40"
        assert page.locator("#answer .forest").first.is_visible()
        assert len(page.pdf()) > 10_000


EVIL = '"><img src=x onerror=alert(1)>'


def test_what_strangers_call_things_shows_as_text(chromium, tmp_path):
    folder = train(TINY, tmp_path)
    outline = "UPDATE study SET outline = json_set(outline, '$.name', '<script>alert(2)</script>')"
    change(folder, outline)
    change(folder, f"UPDATE level SET label = '{EVIL}' WHERE label = 'relu'")
    change(
        folder, f"UPDATE environment SET facts = json_set(facts, '$.processor', '</script>{EVIL}')"
    )
    with shown(chromium, write_page(write_reports(folder))) as page:
        assert page.locator("h1").inner_text() == "<script>alert(2)</script>"
        assert page.locator("img").count() == 0
        assert EVIL in page.locator("#runs").inner_text()
        assert EVIL in page.locator("#network-grid").inner_text()
        assert EVIL in page.locator("#made").inner_text()


DISK = "name: a\ndata: {name: disk, train: 20, test: 20}\nepochs: 1\n"
SMALL = "epochs: 2\nevaluate_every: 1\nmodel: {hidden: [4], output: identity}\nseeds: 2\n"
OPTIMIZER = "grid: {optimizer: [sgd]}\n"
STUDIES = {
    "one axis": f"{DISK}seeds: 2\ngrid: {{loss: [mse, bce]}}\n",
    "one seed": f"{DISK}seeds: 1\n{OPTIMIZER}",
    "classes": f"name: c\ndata: {{name: blobs, train: 30, test: 30}}\nloss: cross_entropy\n"
    f"{SMALL}{OPTIMIZER}",
    "curve": f"name: s\ndata: {{name: sine, train: 30, test: 30}}\nloss: mse\n{SMALL}{OPTIMIZER}",
    "many inputs": f"name: i\ndata: iris\nloss: cross_entropy\n{SMALL}{OPTIMIZER}",
    "no test set": f"name: n\ndata: {{name: disk, train: 20, test: 0}}\nepochs: 1\nseeds: 2\n"
    f"{OPTIMIZER}",
    "rates": f"{DISK}seeds: 2\n"
    "grid: {optimizer.lr: [0.001, 0.01, 0.1], activation: [relu, elu]}\n",
}


@pytest.mark.parametrize("name", STUDIES)
def test_any_study_has_a_page(chromium, tmp_path, name):
    with shown(chromium, page_of(STUDIES[name], tmp_path)) as page:
        assert len(runs_shown(page)) >= 1
        assert page.locator("#networks").is_visible() == (name != "many inputs")
        if name != "many inputs":
            page.locator("#network-grid button").first.click()
        else:
            page.locator("#run-table button").last.click()
        assert page.get_by_role("dialog").is_visible()


def test_missing_failed_and_diverged_runs_are_told(chromium, tmp_path):
    folder = train(TINY, tmp_path)
    with Store(folder) as store:
        lost, failed, diverged, *_ = [run.id for run in store.outline().runs]
    change(folder, f"DELETE FROM curve WHERE run = (SELECT number FROM run WHERE id = '{lost}')")
    change(folder, f"DELETE FROM weights WHERE run_id = '{lost}'")
    change(folder, f"DELETE FROM run WHERE id = '{lost}'")
    change(folder, f"UPDATE run SET status = 'diverged', diverged_at = 2 WHERE id = '{diverged}'")
    fail(folder, failed)
    with shown(chromium, write_page(write_reports(folder))) as page:
        said = page.locator("header").inner_text()
        assert "14 of 16 runs are there (1 diverged, 1 failed, 1 missing)." in said
        statuses = {row["id"]: row["status"] for row in runs_shown(page)}
        assert [statuses[id] for id in (lost, failed, diverged)] == [
            "missing",
            "failed",
            "diverged",
        ]
        for id in (lost, failed, diverged):
            page.get_by_role("button", name=id).click()
            page.keyboard.press("Escape")


def test_shown_numbers_are_finite_or_a_dash(chromium, report):
    with shown(chromium, report) as page:
        parts = page.locator("main section:not(#made)").all_inner_texts()
        text = "".join([*parts, *page.locator("#made .facts").all_inner_texts()])
        answer = page.locator("#answer").inner_text()
    assert not any(word in text for word in ("NaN", "undefined", "Infinity", "null"))
    assert "None" not in text.replace(answer, "")  # where it is the optimizer


OTHER_NETWORKS = """
name: others
data: {name: disk, train: 30, test: 20}
epochs: 1
seeds: 1
grid: {}
include:
  - {model: {hidden: [4]}}
  - {model: {hidden: [4], layer_norm: true}}
  - {model: {layers: [{linear: 6}, tanh, {linear: 3}, relu, linear, sigmoid]}}
  - {model: {hidden: [4]}, activation: softsign}
"""


def test_pieces_of_a_true_boundary_are_drawn_apart(chromium):
    """No line leads from the end of one to the beginning of the next."""
    code = (FACE / "planes.js").read_text()
    program = (
        f"() => {{ {code}; const none = () => null, said = [];"
        "const pen = { setLineDash: none, beginPath: none, stroke: none,"
        "  moveTo: (x, y) => said.push(['M', x, y]), lineTo: (x, y) => said.push(['L', x, y]) };"
        "const same = (v) => v, truth = [1, 2, 3, 4, NaN, NaN, 5, 6, 7, 8];"
        "drawTruth(pen, truth, same, same, true); return said; }"
    )
    page = chromium.new_page()
    try:
        found = page.evaluate(program)
    finally:
        page.close()
    assert found == [["M", 1, 2], ["L", 3, 4], ["M", 5, 6], ["L", 7, 8]]


def test_a_network_that_the_page_cannot_compute_is_asked_here(chromium, tmp_path, monkeypatch):
    """Its script knows the layers and activations of minidl's own, in any order."""
    known = scripted() - {"softsign"}
    monkeypatch.setattr("minidl.report.html.networks.scripted", lambda: known)
    minidl(
        "run", "--grid", write(tmp_path, OTHER_NETWORKS), "--out", tmp_path / "out", "--no-figures"
    )
    results = read_results(tmp_path / "out")
    with Store(tmp_path / "out") as store:
        data = networks_data(results, store, Numbers())
    computed = [data["cells"][number]["scripted"] for number in range(4)]
    assert computed == [True, True, True, False]
    assert set(data["states"]) == {cell.runs[0].id for cell in results.cells}
    with shown(chromium, tmp_path / "out" / "report.html") as page:
        for number, units in enumerate((4, 4, 9, 0)):
            page.locator("#network-grid button").nth(number).click()
            assert page.locator(".units canvas").count() == units
            page.keyboard.press("Escape")


def test_published_numbers_far_from_ours_are_marked(chromium, tmp_path):
    """By sign and colour, the farther the more; never by colour alone."""
    theirs = {"mse": 50.0, "bce": 52.0, "bce_as_printed": 70.0}  # ours: 49 to 51 with each
    lines = "".join(f"  - {{loss: {key}, train_accuracy: {n}}}\n" for key, n in theirs.items())
    reference = tmp_path / "theirs.yaml"
    reference.write_text(f"title: theirs\ncells:\n{lines}")
    folder = make_store(
        tmp_path / "store",
        lambda _, seed: {"train_accuracy": 49.0 + seed % 5 / 2, "test_accuracy": 50.0},
        f"{{name: s, reference: {reference}, seeds: 10, grid: {{loss: [{', '.join(theirs)}]}}}}",
    )
    with shown(chromium, write_page(write_reports(folder))) as page:
        marks = page.locator("#tables td small")
        told = [(mark.inner_text(), mark.get_attribute("class")) for mark in marks.all()]
        assert told == [("consistent", None), ("≠ in tension", "partly"), ("✗ contradicted", "no")]
        assert marks.last.locator("span").get_attribute("aria-hidden") == "true"


def test_seeds_that_score_alike_have_one_number(chromium, tmp_path):
    scores = {"tanh": (100.0, 100.0, 100.0), "relu": (90.0, 91.0, 92.0)}
    folder = make_store(
        tmp_path,
        lambda labels, seed: {"test_accuracy": scores[labels["activation"]][seed]},
        "{name: s, seeds: 3, grid: {activation: [tanh, relu]}}",
    )
    with shown(chromium, write_page(write_reports(folder))) as page:
        for ends in (["100.0"], ["90.0", "92.0"]):
            cell = page.locator("button.cell").nth(len(ends) - 1)
            cell.click()
            assert page.locator(".seed-dots text").all_text_contents() == ends
            assert page.locator(".seed-dots circle").count() == 3
            cell.click()


@pytest.mark.parametrize("seeds", [3, 6])
def test_a_seed_that_stops_early_has_its_line_to_where_it_stopped(chromium, tmp_path, seeds):
    """The mean goes on with the other seeds, and the page says so."""
    ends = [2, 6, 4, 6, 6, 6]

    def numbers(_, seed):
        shown = [(epoch, {"test_accuracy": 80.0 + epoch + seed}) for epoch in range(1, ends[seed])]
        return {"test_accuracy": 80.0, "curve": shown}

    text = f"{{name: s, seeds: {seeds}, epochs: 6, early_stopping: {{}}, grid: {{}}}}"
    folder = make_store(tmp_path, numbers, text)
    number = "(SELECT number FROM run WHERE id = '{}')"
    with Store(folder) as store:
        runs = [run for run in store.outline().runs if ends[run.seed] < 6]
    for run in runs:  # a constructed run ends with its study
        at, end = number.format(run.id), ends[run.seed]
        change(folder, f"UPDATE curve SET epoch = {end} WHERE run = {at} AND epoch = 6")
        change(folder, f"UPDATE run SET last_epoch = {end} WHERE id = '{run.id}'")
    with shown(chromium, write_page(write_reports(folder))) as page:
        page.get_by_label("single seeds").check()
        page.locator("#curve-panels .thin").nth(seeds - 1).wait_for(state="attached")
        paths = page.locator("#curve-panels .thin").all()
        points = [len(re.findall("[ML]", path.get_attribute("d"))) for path in paths]
        assert points == ends[:seeds]
        mean = page.locator("#curve-panels .mean").get_attribute("d")
        assert len(re.findall("[ML]", mean)) == 6
        what = "the mean is" if seeds == 3 else "mean and band are"
        said = f"Where seeds have stopped early, {what} over those that went on."
        assert said in page.locator("#curve-notes").inner_text()


INCLUDED = """
name: included
data: {name: disk, train: 40, test: 40}
model: {hidden: [4]}
epochs: 30
seeds: 3
loss: mse
grid: {}
include:
  - {activation: tanh, loss: mse, optimizer: sgd}
  - {activation: tanh, loss: mse, optimizer: adam}
  - {optimizer: sgd, loss: bce, activation: tanh}
  - {optimizer: sgd, activation: relu}
"""


def test_a_study_of_included_cells_alone_shows_what_varies(chromium, tmp_path):
    """However a cell is written, and whatever it leaves to the study."""
    folder, axes = train(INCLUDED, tmp_path), ("activation", "loss", "optimizer")
    levels = {"activation": "relu,tanh", "loss": "bce,mse", "optimizer": "adam,sgd"}
    words = (("--factor", axis, "--levels", levels[axis], "--json") for axis in axes)
    compared = [json.loads(minidl("compare", folder, *own).stdout) for own in words]
    listed = minidl("runs", folder).stdout.splitlines()
    assert listed[0].split() == [*axes, "seed", "test_accuracy", "id"]
    assert listed[5].split()[:3] == ["tanh", "mse", "adam"]
    with shown(chromium, write_page(write_reports(folder))) as page:
        told = page.locator("#pairs .forest tbody td:nth-child(2)").all_inner_texts()
        differences = [f"{own['difference']:+.2f}".replace("-", "−") for own in compared]
        back = [f"{-own['difference']:+.2f} points".replace("-", "−") for own in compared]
        assert told == back  # the levels in the order of the study
        for axis, said in zip(axes, differences, strict=True):  # which the page works out by itself
            page.get_by_role("combobox", name="Setting").select_option(axis)
            first, second = levels[axis].split(",")
            page.get_by_role("combobox", name="first").select_option(spelled(first))
            page.get_by_role("combobox", name="second").select_option(spelled(second))
            text = page.locator("#pair-picture p").first.inner_text()
            assert said in text
            assert "over 3 seeds" in text
        names = page.locator("#network-grid h3, #network-grid figcaption > span")
        pictures = ["tanh", "MSE · SGD", "MSE · Adam", "BCE · SGD", "ReLU", "SGD"]
        assert names.all_inner_texts() == pictures
        assert page.locator("#curve-legend").inner_text().split() == ["SGD", "Adam"]
        assert page.locator("#curve-panels figure").count() == 3
        assert {(row["activation"], row["optimizer"]) for row in runs_shown(page)} >= {
            ("ReLU", "SGD")
        }


def test_included_numbers_are_a_scale(chromium, tmp_path):
    cells = ", ".join(f"{{optimizer.lr: {rate}}}" for rate in (0.01, 0.1, 1.0))
    text = f"{DISK}seeds: 2\ngrid: {{}}\ninclude: [{cells}]\n"
    with shown(chromium, page_of(text, tmp_path)) as page:
        assert page.locator("#sweep-title").inner_text() == "Along optimizer.lr"
        assert page.locator("#pairs .forest tbody tr").count() == 3


def shown_difference(page, first, second):
    for name, level in (("first", first), ("second", second)):
        page.get_by_role("combobox", name=name).select_option(level)
    return page.locator("#pair-picture p").first.inner_text()


def test_a_difference_turned_round_has_the_numbers_of_compare(chromium, tmp_path):
    """Its unit and its interval too, whether the page has the pair at hand or works it out."""
    scores = {"tanh": 97.3, "relu": 97.0, "elu": 97.0}
    folder = make_store(
        tmp_path,
        lambda labels, seed: {"test_accuracy": scores[labels["activation"]] + 0.1 * (seed % 2)},
        "{name: s, seeds: 5, grid: {activation: [tanh, relu, elu], loss: [mse, bce]}}",
    )
    write_reports(folder)
    asked = ("--factor", "activation", "--levels", "relu,tanh", "--json")
    own = json.loads(minidl("compare", folder, *asked).stdout)
    assert f"{own['difference']:+.2f}, {own['low']:+.2f}" == "-0.30, -0.30"
    with shown(chromium, write_page(write_reports(folder))) as page:
        told = "test accuracy, ReLU − tanh: −0.30 points on average, 95 % interval −0.30 to −0.30, "
        over = "over 5 seeds. The grey band is what does not matter."
        assert shown_difference(page, "ReLU", "tanh") == told + over
        told = "test accuracy, ELU − ReLU: 0.00 points on average, 95 % interval 0.00 to 0.00, "
        assert shown_difference(page, "ELU", "ReLU") == told + over
        assert shown_difference(page, "ELU", "ELU") == "This is one level; choose two."


def test_a_difference_that_the_page_works_out_is_rounded_as_elsewhere(
    chromium, tmp_path, monkeypatch
):
    """0.1 + 0.2 is 0.3; a difference of 5.6e-17 is none."""
    monkeypatch.setattr("minidl.report.html.answer.PAIRS", 0)
    scores = {"sgd": (0.3, 0.3), "adam": (0.1 + 0.2, 0.1 + 0.2), "none": (0.31, 0.31)}
    folder = make_store(
        tmp_path,
        lambda labels, seed: {"test_r2": scores[labels["optimizer"]][seed], "train_r2": 0.5},
        "{name: s, data: {name: sine}, loss: mse, model: {output: identity}, seeds: 2, "
        "grid: {optimizer: [sgd, adam, none]}}",
    )
    with shown(chromium, write_page(write_reports(folder))) as page:
        said = "test R², SGD − Adam: 0.0000 on average, over 2 seeds."
        assert shown_difference(page, "SGD", "Adam") == said
        said = "test R², None − Adam: +0.0100 on average, over 2 seeds."
        assert shown_difference(page, "None", "Adam") == said


def test_levels_that_are_numbers_are_sorted_as_numbers(chromium, tmp_path):
    """And what has no level comes last, whichever way."""
    folder = make_store(
        tmp_path,
        lambda *_: {"test_accuracy": 50.0},
        "{name: s, seeds: 1, grid: {}, include: [{optimizer.lr: 0.1}, {optimizer.lr: 1.0e-5}, "
        "{optimizer.lr: 0.003}, {optimizer.lr: 0.02}, {activation: tanh}, {activation: elu}]}",
    )
    with shown(chromium, write_page(write_reports(folder))) as page:
        for title, up in (
            ("optimizer.lr", ["1e-05", "0.003", "0.02", "0.1"]),
            ("activation", ["ELU", "tanh"]),
        ):
            missing = ["–"] * (6 - len(up))
            for sign, order in (("▲", up), ("▼", up[::-1])):
                page.locator(f"#run-table button[data-column='{title}']").click()
                shown_levels = [row.get(f"{title} {sign}") for row in runs_shown(page)]
                assert shown_levels == order + missing


def test_what_is_in_percent_is_for_a_metric_to_say(chromium, tmp_path, monkeypatch):
    """Not for its name: one from 0 to 1 may be called so, and one in percent anything."""
    facts = {"digits": 3, "margin": 0.01, "tasks": ("binary",)}
    balanced = type("Balanced", (Metric,), {"title": "balanced accuracy", **facts})
    hits = type("Hits", (Metric,), {"title": "hits", "unit": "%", "difference": "points", **facts})
    for name, own in (("balanced_accuracy", balanced), ("hits", hits)):
        monkeypatch.setitem(KINDS["metric"], name, own)
    own = {"test_balanced_accuracy": 0.44, "train_balanced_accuracy": 0.5, "test_hits": 102.0}
    text = "{name: s, seeds: 2, grid: {optimizer.lr: [0.1, 0.2, 0.4]}}"
    folder = make_store(tmp_path, lambda *_: {"train_accuracy": 50.0, **own}, text)
    with shown(chromium, write_page(write_reports(folder))) as page:
        said = "The best mean balanced accuracy is 0.440 ± 0.000 with"
        assert said in page.locator("#answer").inner_text().replace("test ", "")
        panel = page.locator("#curve-panels figcaption small")
        for score, title in (
            ("test balanced accuracy", "test balanced accuracy"),
            ("test hits", "test hits (%)"),
            ("training accuracy", "training error (%)"),
        ):
            page.get_by_role("combobox", name="Score").select_option(label=score)
            assert panel.inner_text() == title
        assert page.locator("#sweep-panels small").inner_text() == "test balanced accuracy"


def test_a_network_without_earlier_weights_says_what_it_shows(chromium, tmp_path, monkeypatch):
    """Its picture beside those of others after epoch 0 is the one in the end."""
    monkeypatch.setattr("minidl.report.html.networks.scripted", lambda: scripted() - {"softsign"})
    monkeypatch.setattr("minidl.report.html.networks.ROOM", (40_000, 40_000))
    text = (
        "{name: s, data: {name: disk, train: 30, test: 20}, model: {hidden: [3]}, epochs: 40, "
        "seeds: 1, grid: {activation: [%s]}}"
    )
    why = "where those of all epochs take too much room, it holds those in the end"
    both = page_of(text % "tanh, softsign", tmp_path / "both")
    with shown(chromium, both) as page:
        assert why in page.locator("#networks").inner_text()
        page.get_by_role("slider", name="Epoch").press("Home")
        all_drawn(page)
        told = page.locator("#network-grid figcaption small").all_inner_texts()
        assert [text.endswith(", after epoch 40") for text in told] == [False, True]
        labels = page.locator("#network-grid canvas")
        assert "epoch 0: " in labels.first.get_attribute("aria-label")
        assert ", after epoch 40" in labels.last.get_attribute("aria-label")
    with shown(chromium, page_of(text % "softsign", tmp_path / "one")) as page:
        said = page.locator("#networks").inner_text()
        assert why in said
        assert "This store holds no weights" not in said


@pytest.mark.parametrize("data", ["disk", "sine"])
def test_answers_that_are_no_numbers_have_no_colour_on_the_page(
    chromium, tmp_path, monkeypatch, data
):
    """A part of one's own may have none far from all points: the logarithm of what is below 0."""

    def holed(model, points):
        found = asked(model, points)
        found[: len(found) // 4], found[-5:] = np.nan, np.inf
        return found

    monkeypatch.setattr("minidl.report.html.networks.scripted", lambda: scripted() - {"softsign"})
    monkeypatch.setattr("minidl.report.html.networks.asked", holed)
    text = (
        f"{{name: s, data: {{name: {data}, train: 30, test: 20}}, model: {{hidden: [3]}}, "
        f"epochs: 2, seeds: 1, activation: softsign, grid: {{}}}}"
    )
    folder = train(text, tmp_path)
    with shown(chromium, write_page(write_reports(folder))) as page:
        all_drawn(page)
        seen = page.evaluate(
            "() => { const canvas = document.querySelector('#network-grid canvas');"
            "const side = canvas.width;"
            "const seen = canvas.getContext('2d').getImageData(0, 0, side, side).data;"
            "const at = (x, y) => [...seen.slice(4 * (y * side + x), 4 * (y * side + x) + 3)];"
            "return [at(3, side - 3), at(3, 3)]; }"
        )
        white = [255, 255, 255]
        assert seen[0] == white
        assert (seen[1] == white) == (data == "sine")
