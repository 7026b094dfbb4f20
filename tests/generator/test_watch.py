"""Files that change are noticed, once they have settled."""

import os
import threading
import time

from polycube_generator import cli, watch


def test_a_change_a_new_file_and_one_that_goes(tmp_path):
    model = tmp_path / "a.yang"
    model.write_text("1")
    (tmp_path / "other.txt").write_text("1")
    seen = watch.changes([tmp_path], (".yang",))
    next(seen)
    for act in (
        lambda: model.write_text("22"),
        lambda: (tmp_path / "b.yang").write_text("1"),
        model.unlink,
    ):
        act()
        next(seen)  # would hang, until pytest's timeout, if it were not noticed


def test_what_is_not_asked_for_is_not_noticed(tmp_path):
    (tmp_path / "a.yang").write_text("1")
    seen = watch.changes([tmp_path], (".yang",))
    next(seen)
    noticed = threading.Event()

    def wait() -> None:
        next(seen)
        noticed.set()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    (tmp_path / "a.txt").write_text("1")
    assert not noticed.wait(0.7)
    (tmp_path / "a.yang").write_text("22")
    assert noticed.wait(10)


def test_build_goes_on_after_an_error_until_interrupted(models, tmp_path, monkeypatch, capsys):
    path = models.write("leaf x { type string; }")
    out = tmp_path / "out"
    steps = iter(
        [
            lambda: models.write("leaf x { type nothing; }"),
            lambda: models.write("leaf y { type string; }"),
        ]
    )

    def follow(folders, suffixes, act):
        assert path.parent in folders
        assert suffixes == (".yang", ".j2")
        act()
        for step in steps:
            step()
            act()
        raise KeyboardInterrupt

    monkeypatch.setattr(watch, "follow", follow)
    begun = time.monotonic()
    assert cli.main(["build", "--watch", "--yang", str(models.folder), "--out", str(out)]) == 130
    assert time.monotonic() - begun < 60
    captured = capsys.readouterr()
    assert 'error: type "nothing" not found' in captured.err
    assert captured.out.count("watching for changes") == 3
    assert '"y"' in (out / "demo" / "nodes.py").read_text()


def test_a_folder_that_goes_and_comes_again(tmp_path):
    folder = tmp_path / "yang"
    folder.mkdir()
    (folder / "a.yang").write_text("1")
    seen = watch.changes([folder], (".yang",))
    next(seen)
    (folder / "a.yang").unlink()
    folder.rmdir()
    next(seen)
    folder.mkdir()
    (folder / "a.yang").write_text("1")
    (folder / "gone.yang").symlink_to("nowhere")
    next(seen)


def test_a_file_replaced_by_one_of_the_same_size_and_time(tmp_path):
    old, new = tmp_path / "a.yang", tmp_path / "b.txt"
    old.write_text("1")
    about = old.stat()
    seen = watch.changes([tmp_path], (".yang",))
    next(seen)
    new.write_text("2")
    os.utime(new, ns=(about.st_atime_ns, about.st_mtime_ns))
    new.replace(old)
    next(seen)


def test_build_goes_on_where_nothing_can_be_written(models, tmp_path, monkeypatch, capsys):
    models.write("leaf x { type string; }")
    out = tmp_path / "file" / "out"
    out.parent.write_text("in the way")

    def follow(_folders, _suffixes, act):
        act()
        out.parent.unlink()
        act()
        raise KeyboardInterrupt

    monkeypatch.setattr(watch, "follow", follow)
    assert cli.main(["build", "--watch", "--yang", str(models.folder), "--out", str(out)]) == 130
    captured = capsys.readouterr()
    assert "error: " in captured.err
    assert f"wrote {out}/demo/nodes.py" in captured.out
