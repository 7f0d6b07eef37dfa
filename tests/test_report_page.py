"""report.html in a real browser: it shows the store's numbers, asks for nothing, can be used."""

import json
from pathlib import Path

import pytest
import torch
from helpers.browser import browser, shown
from helpers.studies import TINY, change, fail, minidl, train, write

from minidl import Linear, Sequential
from minidl.registry import KINDS
from minidl.report.html.networks import networks_data, scripted
from minidl.report.html.pack import Numbers, packed
from minidl.report.results import read_results
from minidl.report.write import write_page, write_reports
from minidl.study.grid.components import make, resolve
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


def page_of(study, folder):
    return write_page(write_reports(train(study, folder)))


def runs_shown(page):
    head = page.locator("#run-table thead th").all_inner_texts()
    rows = page.locator("#run-table tbody tr").all()
    return [dict(zip(head, row.locator("td").all_inner_texts(), strict=True)) for row in rows]


def test_the_numbers_are_those_of_the_store(chromium, report):
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
            assert claim["explanation"] in text


def test_runs_are_sorted_filtered_and_opened(chromium, report):
    with shown(chromium, report) as page:
        page.get_by_role("button", name="test accuracy").click()
        values = [float(row["test accuracy ▲"]) for row in runs_shown(page)]
        assert values == sorted(values)
        page.keyboard.press("Enter")  # the heading has kept the focus
        assert [float(row["test accuracy ▼"]) for row in runs_shown(page)] == sorted(values)[::-1]
        page.get_by_label("Filter").fill("adam seed=1 relu")
        rows = runs_shown(page)
        assert {(r["activation"], r["seed"]) for r in rows} == {("relu", "1")}
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
        assert page.get_by_role("dialog").inner_text().startswith("tanh, mse, sgd(lr=0.2), seed 1")
        page.keyboard.press("Escape")
        cell.press("Enter")
        assert page.locator(".seed-row").count() == 0


def test_networks_and_curves_are_drawn_and_change(chromium, report):
    with shown(chromium, report) as page:
        page.locator("#networks").scroll_into_view_if_needed()
        page.wait_for_function("document.querySelector('#network-grid canvas').width > 100")
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
        page.locator("#curve-panels svg").first.press("ArrowRight")
        assert page.locator("#curve-panels .values").first.inner_text().startswith("epoch ")


def wrong_points(page):
    page.locator("#network-grid button").first.click()
    text = page.locator("#dialog figcaption").first.inner_text()
    return int(text.split(", ")[1].split()[0])


def test_the_page_answers_as_the_network_does(chromium, report):
    with Store(report.parent) as store:
        first = next(iter(store.outline().runs))
        accuracy = store.records()[first.id].final["test_accuracy"]
    assert accuracy is not None
    with shown(chromium, report) as page:
        assert wrong_points(page) == round(40 * (100 - accuracy) / 100)


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
    forward = (FACE / "forward.js").read_text()
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
    assert not any(word in text for word in ("NaN", "undefined", "Infinity", "None", "null"))


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
"""


def test_a_network_that_the_page_cannot_compute_is_asked_here(tmp_path):
    """Its script knows the layers and activations of minidl's own, in any order."""
    minidl(
        "run", "--grid", write(tmp_path, OTHER_NETWORKS), "--out", tmp_path / "out", "--no-figures"
    )
    results = read_results(tmp_path / "out")
    with Store(tmp_path / "out") as store:
        data = networks_data(results, store, Numbers())
    scripted = [data["cells"][number]["scripted"] for number in range(4)]
    assert scripted == [True, True, True, False]
    assert set(data["states"]) == {cell.runs[0].id for cell in results.cells}
