"""Each trial at a small scale; `make trials` runs them many times over."""

from trials import guesses, kill, kill_load, race, race_positions


def test_two_processes_that_decide_the_same_rows_leave_one_verdict_on_each(engine, tmp_path):
    assert race.run(engine, tmp_path, times=1, number=1) == []


def test_two_reviewers_never_pass_three_people_for_two_positions(engine, tmp_path):
    assert race_positions.run(engine, tmp_path, times=3, number=1) == []


def test_a_worker_killed_amid_a_batch_leaves_all_of_it_or_nothing(engine, tmp_path):
    assert kill.run(engine, tmp_path, times=1, number=1, rows=2_000) == []


def test_a_load_killed_amid_its_files_and_loaded_again_has_every_row_and_every_file(engine, tmp_path):
    assert kill_load.run(engine, tmp_path, times=1, number=1, items=12) == []


def test_guesses_are_slowed_and_locked_on_all_workers_and_others_still_get_in(engine, tmp_path):
    assert guesses.run(engine, tmp_path, times=1, number=1, guesses=20, tries=0) == []
