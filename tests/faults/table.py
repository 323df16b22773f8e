"""The faults: what goes wrong, what holds all the same, and the tests that hold it.

A test stands where its subject is tested and is named here, as ``file::test`` below ``tests/``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """``kind`` is the heading that it stands under in docs/proof.md."""

    kind: str
    what: str
    holds: str
    tests: tuple[str, ...]


DEATH, DISK, DATABASE, CLOCK = "Death", "Disk", "Database", "Clock"
PLATFORM, UPDATES, CONTENT, KEYS, PAGE = "Platform", "Updates", "Content", "Keys", "Page"

FAULTS = (
    Fault(
        DEATH,
        "killed at any moment: before and after each flush, between any two writes",
        "what was acknowledged is there, each signature counts once, an answer that was not sent"
        " waits, who was erased stays erased; the bot starts and takes the rest",
        (
            "faults/test_power_cut.py::test_no_kill_and_no_power_cut_takes_back_what_was_acknowledged",
            "faults/test_power_cut.py::test_thousands_of_deaths_at_any_moment_take_nothing_back",
        ),
    ),
    Fault(
        DEATH,
        "killed again and again while people sign",
        "none is lost, none counts twice, everybody is answered",
        (
            "test_engine.py::test_after_kill_9_everything_acknowledged_is_there_and_nothing_counts_twice",
            "test_program_on_telegram.py::test_twenty_kills_in_five_hundred_signatures_lose_none_and_count_none_twice",
            "test_telegram_webhook.py::test_five_kills_lose_no_signature_and_count_none_twice",
        ),
    ),
    Fault(
        DEATH,
        "killed before an answer was sent",
        "it goes out after the next start",
        (
            "test_program_on_telegram.py::test_what_was_not_sent_goes_out_after_a_restart",
            "test_sender.py::test_leftovers_go_out_in_order_after_a_restart",
            "test_chat_page.py::test_a_page_comes_back_after_the_bot_was_killed",
        ),
    ),
    Fault(
        DEATH,
        "killed, or the power goes, at any moment of a broadcast",
        "nobody is missed, nobody counts as reached who was not, and no more than what was on its"
        " way comes twice",
        (
            "faults/test_broadcast_deaths.py::test_a_death_at_any_moment_of_a_broadcast_misses_nobody",
            "test_broadcasts_survive.py::test_four_kills_miss_nobody_and_repeat_few",
        ),
    ),
    Fault(
        DEATH,
        "killed during the first start, a change of keys, a backup, a restore, a clearing",
        "the next start or the same command goes on; everybody can be answered",
        (
            "test_guards_of_start.py::test_a_first_start_that_was_cut_short_at_any_point_goes_on",
            "test_keys.py::test_a_first_start_that_was_cut_off_is_finished_by_the_next",
            "test_key_change.py::test_at_whatever_point_of_a_change_the_bot_is_killed_everybody_can_be_answered",
            "test_backups.py::test_a_backup_that_is_killed_leaves_none_and_the_next_one_clears_up",
            "test_restoring.py::test_a_restore_that_was_killed_between_its_renames_is_done_by_the_same_command",
            "test_clearing.py::test_a_kill_between_farewell_and_clearing_changes_nothing",
        ),
    ),
    Fault(
        DISK,
        "the power goes: any part of what was not flushed is lost, by pages and by sectors",
        "the database is sound, and all that holds for a kill",
        (
            "faults/test_power_cut.py::test_no_kill_and_no_power_cut_takes_back_what_was_acknowledged",
            "faults/test_power_cut.py::test_thousands_of_deaths_at_any_moment_take_nothing_back",
            "test_disk.py::test_a_first_start_flushes_the_name_of_everything_that_it_makes",
            "test_disk.py::test_the_name_of_a_new_database_is_flushed",
            "test_disk.py::test_a_directory_that_a_start_cut_short_has_left_is_flushed_as_well",
        ),
    ),
    Fault(
        DISK,
        "control: the same with a database that flushes less (synchronous = NORMAL, OFF)",
        "the campaign sees that acknowledged signatures are lost",
        (
            "faults/test_power_cut.py::test_no_kill_and_no_power_cut_takes_back_what_was_acknowledged",
            "faults/test_power_cut.py::test_a_database_that_flushes_less_is_caught",
        ),
    ),
    Fault(
        DISK,
        "full",
        "nothing is acknowledged meanwhile, nobody is told what is not on record, one line in the"
        " log; afterwards everything is taken once",
        (
            "faults/test_no_room_and_no_turn.py::test_while_the_disk_is_full_nothing_is_acknowledged_and_then_all_is",
            "test_engine.py::test_a_full_disk_acknowledges_nothing_and_what_comes_again_is_recorded_once",
            "test_backups.py::test_a_full_disk_makes_no_backup_and_deletes_none",
            "test_store.py::test_a_full_disk_asks_for_room_and_blames_no_rights",
        ),
    ),
    Fault(
        DATABASE,
        "held by somebody else for half a minute",
        "as with a full disk; a webhook is answered 503",
        (
            "faults/test_no_room_and_no_turn.py::test_a_database_that_is_held_for_half_a_minute_loses_nothing",
            "test_telegram_webhook.py::test_a_disk_that_cannot_be_written_answers_503_and_later_takes_all",
        ),
    ),
    Fault(
        DATABASE,
        "a damaged page of any table or index, found at the start",
        "the bot does not start, and says to put a backup in its place",
        (
            "faults/test_pages_of_each_table.py::test_a_page_of_garbage_in_any_table_or_index_keeps_the_bot_from_starting",
            "faults/test_pages_of_each_table.py::test_a_file_that_lost_its_end_keeps_the_bot_from_starting",
            "test_guards_of_start.py::test_damaged_pages_are_found_before_the_start",
        ),
    ),
    Fault(
        DATABASE,
        "a damaged page, met while running",
        "no update is taken any more, nobody is told a number that is wrong, exit code 8",
        (
            "test_damage_met.py::test_the_bot_stops_taking_updates_and_ends_for_its_operator",
            "test_damage_met.py::test_after_damage_was_met_nothing_is_read_or_written",
            "test_damaged_database.py::test_rows_lost_in_a_damaged_page_are_not_counted_away",
            "test_damaged_database.py::test_of_a_database_that_is_damaged_elsewhere_nothing_is_handed_over",
            "test_backups.py::test_a_damaged_database_makes_no_backup_and_deletes_none",
        ),
    ),
    Fault(
        DATABASE,
        "gone, emptied, of a newer version, or not the one of these keys",
        "it is not made anew; a sentence says what to do",
        (
            "test_guards_of_start.py::test_a_lost_database_beside_its_keys_is_not_made_anew",
            "test_guards_of_start.py::test_a_database_that_was_never_used_does_not_take_the_place_of_the_one_that_was",
            "test_migrations.py::test_a_database_of_a_newer_version_is_left_alone",
            "test_store.py::test_a_file_that_is_no_database_is_a_sentence_and_lets_go_of_the_directory",
        ),
    ),
    Fault(
        DATABASE,
        "a row was tampered with",
        "nothing of it is believed, and everybody goes on",
        (
            "test_engine.py::test_nothing_of_a_row_that_was_tampered_with_is_believed_and_everybody_goes_on",
            "test_written_without_keys.py::test_a_broadcast_that_was_written_into_the_database_reaches_nobody",
            "test_written_without_keys.py::test_a_log_that_was_tampered_with_confirms_nothing",
        ),
    ),
    Fault(
        CLOCK,
        "two days ahead or behind, and set right while the bot runs or between two starts",
        "acts count once, erased is erased within the hour, no message, no news and no signature"
        " waits for the days that the clock was ahead",
        (
            "faults/test_wrong_clock.py::test_nobody_is_lost_or_counted_twice_while_the_clock_jumps_there_and_back",
            "faults/test_clock_steps.py::test_what_people_do_counts_once_whatever_the_clock_says",
            "faults/test_clock_steps.py::test_a_message_that_a_fast_clock_put_off_leaves_when_the_clock_is_right",
            "faults/test_clock_steps.py::test_what_was_erased_leaves_the_file_within_the_hour_after_the_clock_was_set_back",
            "faults/test_clock_steps.py::test_what_ends_by_the_clock_ends_after_the_clock_was_set_back",
            "faults/test_clock_steps.py::test_who_talked_while_the_clock_was_ahead_is_not_left_out_of_news_for_two_days",
            "faults/test_clock_steps.py::test_a_burst_seen_by_a_clock_that_was_ahead_holds_nobody_for_two_days",
            "faults/test_clock_steps.py::test_a_network_counted_by_a_clock_that_was_ahead_waits_no_longer_than_others",
            "faults/test_clock_steps.py::test_neither_a_given_code_nor_a_lock_outlasts_a_clock_that_is_set_back",
            "faults/test_clock_steps.py::test_whoever_leaves_no_trace_is_forgotten_in_time_by_a_clock_that_was_set_back",
        ),
    ),
    Fault(
        CLOCK,
        "the bot was switched off for days or years",
        "only the latest reminder comes, and nobody is erased who was not told first",
        (
            "test_upkeep.py::test_after_a_downtime_only_the_latest_comes",
            "test_upkeep.py::test_after_a_downtime_of_years_the_notice_still_comes_first",
        ),
    ),
    Fault(
        PLATFORM,
        "answers slowly, not at all, with half an answer, or its connections are cut",
        "everybody is answered within a minute of the end, in three copies at most; two lines in"
        " the log",
        (
            "faults/test_slow_platform.py::test_each_message_takes_a_quarter_of_a_minute_and_comes_once",
            "faults/test_slow_platform.py::test_answers_by_halves_or_later_than_anybody_waits_are_copies_of_a_few",
            "test_sending_in_trouble.py::test_when_answers_come_again_everybody_is_answered_within_a_minute_in_three_copies_at_most",
            "test_sending_in_trouble.py::test_lost_answers_here_and_there_are_one_trouble_with_one_beginning_and_one_end",
            "test_sending_in_trouble.py::test_the_program_answers_everybody_after_connections_were_cut_and_says_so_once",
            "test_program_on_telegram.py::test_a_lost_network_is_said_once_and_the_bot_goes_on_when_it_is_back",
            "test_telegram_polling.py::test_an_answer_without_its_end_loses_nothing",
            "test_telegram_polling.py::test_a_start_without_network_waits_for_it",
        ),
    ),
    Fault(
        PLATFORM,
        "answers 5xx",
        "the same, and nothing comes twice",
        (
            "test_sending_in_trouble.py::test_four_minutes_in_which_telegram_is_unavailable_are_said_once_and_repeat_nothing",
            "test_telegram_polling.py::test_trouble_with_asking_for_updates_loses_none",
            "test_telegram_channel.py::test_a_server_error_may_be_tried_again",
        ),
    ),
    Fault(
        PLATFORM,
        "acts, and its answer is lost",
        "the message is tried again, ever less often, for a day; restarts do not begin that anew",
        (
            "test_telegram_channel.py::test_a_lost_answer_is_unknown_whether_it_arrived_or_not",
            "test_sending_in_trouble.py::test_a_message_that_fails_alone_keeps_nobody_waiting_and_is_repeated_ever_less_for_a_day",
            "test_sending_in_trouble.py::test_starting_anew_again_and_again_in_the_trouble_does_not_begin_the_copies_anew",
            "test_broadcasts_survive.py::test_blocked_lost_refused_and_dropped_each_come_to_their_end",
        ),
    ),
    Fault(
        PLATFORM,
        "a storm of 429",
        "each is obeyed; a chat that must wait holds up nobody else, a broadcast gives way to"
        " conversations, nobody is lost",
        (
            "test_program_on_telegram.py::test_429_is_obeyed_and_the_answer_still_comes",
            "test_sender.py::test_429_for_one_chat_holds_up_that_chat_alone",
            "test_sender.py::test_429_for_several_chats_holds_up_all",
            "test_sender.py::test_a_429_of_an_hour_leaves_the_workers_free",
            "test_broadcasts_survive.py::test_a_flood_pauses_the_broadcast_alone_and_loses_nobody",
            "test_broadcasts_survive.py::test_a_supporter_is_answered_at_once_while_a_broadcast_waits_for_a_flood",
        ),
    ),
    Fault(
        PLATFORM,
        "the token used by another program, or revoked; a webhook that somebody changed",
        "named with the next step; no update is thrown away",
        (
            "test_telegram_polling.py::test_a_second_program_with_the_same_token_is_named",
            "test_telegram_polling.py::test_a_token_revoked_while_running_ends_too",
            "test_telegram_webhook.py::test_a_webhook_that_somebody_has_changed_is_set_again",
            "test_telegram_webhook.py::test_from_polling_to_the_webhook_and_back_nothing_is_lost",
        ),
    ),
    Fault(
        UPDATES,
        "come twice, before and after a restart",
        "a repeat changes nothing",
        (
            "test_engine.py::test_a_repeat_changes_nothing",
            "test_engine.py::test_a_repeat_after_a_restart_changes_nothing",
        ),
    ),
    Fault(
        UPDATES,
        "come in another order",
        "each chat is answered in the order of writing",
        (
            "test_event_order.py::test_order_loses_nothing_and_keeps_presses_in_turn",
            "test_engine.py::test_reordered_messages_are_answered_in_the_order_of_writing",
            "test_engine.py::test_a_press_is_answered_after_the_older_message_that_came_late",
            "test_telegram_polling.py::test_numbers_that_jump_down_after_a_quiet_week_lose_nothing",
        ),
    ),
    Fault(
        UPDATES,
        "cannot be read, have no end, or are larger than any",
        "those beside them are answered; what was in them is kept, sealed, for whoever looks",
        (
            "test_program_on_telegram.py::test_an_update_that_nobody_can_read_does_not_block_the_others",
            "test_telegram_events.py::test_no_update_whatever_makes_parsing_fail",
            "test_telegram_polling.py::test_an_update_larger_than_any_is_given_up_and_the_next_ones_are_answered",
            "test_splitting.py::test_no_bytes_stop_the_reading",
            "test_engine.py::test_an_event_that_cannot_be_answered_hurts_nobody_else",
            "test_engine.py::test_of_an_event_that_not_even_a_dead_letter_can_hold_it_is_kept_that_it_came",
        ),
    ),
    Fault(
        UPDATES,
        "ten thousand at once, shuffled, some twice, with lost answers and two kills",
        "each counts once, everybody is answered",
        (
            "faults/test_ten_thousand_at_once.py::test_ten_thousand_shuffled_and_repeated_updates_count_once",
            "test_engine.py::test_one_supporter_signing_ten_thousand_times_at_once_counts_once",
            "test_signatures.py::test_ten_thousand_signatures_of_one_supporter_at_once_count_one",
        ),
    ),
    Fault(
        CONTENT,
        "broken while the bot runs, or half written",
        "the old texts stay, and the report says where the fault is, once",
        (
            "test_content_watching.py::test_invalid_content_is_refused_once_with_the_report",
            "test_content_watching.py::test_a_file_that_is_still_being_written_is_waited_for",
            "test_content_watching.py::test_the_conversation_goes_on_while_content_is_read",
        ),
    ),
    Fault(
        KEYS,
        "missing, cut short, or those of another database",
        "the bot does not start, no key is made anew, nobody can sign twice",
        (
            "test_guards_of_start.py::test_a_petition_key_that_is_missing_is_not_made_anew",
            "test_guards_of_start.py::test_every_command_refuses_keys_that_are_not_those_of_the_database",
            "test_keys.py::test_a_database_without_its_keys_is_not_given_new_ones",
            "test_keys.py::test_a_key_cut_short_is_refused",
            "test_store.py::test_a_lost_petition_key_is_noticed_before_anybody_signs_twice",
        ),
    ),
    Fault(
        PAGE,
        "flooded: half requests, open pages, posts, PDFs, nonsense",
        "whoever is not part of it is answered, on the page and on Telegram; the log stays small",
        (
            "test_floods.py::test_a_flood_loses_nothing_of_what_others_do",
            "test_web_connections.py::test_where_all_room_is_taken_by_halves_the_oldest_makes_place",
            "test_web_connections.py::test_connections_stay_below_the_file_limit_with_a_reserve",
            "test_web_guard.py::test_whoever_is_refused_again_and_again_waits_for_it_and_makes_room_for_others",
            "test_web_posts.py::test_whatever_is_posted_is_answered",
            "test_web_posts.py::test_who_goes_in_the_middle_of_a_post_is_no_fault",
            "test_logs.py::test_what_is_repeated_is_counted_and_told_once_a_minute",
        ),
    ),
    Fault(
        PAGE,
        "its network is lost in the middle of a turn",
        "the turn is sent again and counts once",
        (
            "test_chat_page.py::test_a_lost_network_loses_and_repeats_nothing",
            "test_chat_page.py::test_a_turn_of_a_closed_page_is_sent_when_it_is_opened_again",
        ),
    ),
    Fault(
        PAGE,
        "ten thousand false signatures",
        "they are held or come out again, and no real one with them",
        (
            "test_web_votes.py::test_of_a_thousand_fresh_keys_from_one_network_few_count_and_nobody_else_is_held",
            "test_web_votes.py::test_ten_thousand_false_signatures_come_out_again_without_a_real_one",
        ),
    ),
)
