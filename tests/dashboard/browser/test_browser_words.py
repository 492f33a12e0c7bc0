"""What stands on tiles and in the banner, from the browser's own modules."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]  # pages take their time


def test_a_patient_is_named_so_that_one_can_be_told_from_another_or_not_at_all(page: Any) -> None:
    shown = page.evaluate(
        """async () => {
          const { Bed } = await import("/assets/stream/bed.js");
          const { Tile } = await import("/assets/wall/tile.js");
          const bed = new Bed({ bed: 0, device: "d", label: "Bed 12", patient: "P0001-2345-6",
            leads: [], status: "online", alarms_off: [], rate_limits: [50, 120] });
          bed.setAlarms({ pause: null, alarms: [{ id: "a", kind: "pause", priority: "medium",
            presence: "On", audio: "On", present: true, raised_at: 1, onset_at: 1 }] });
          return [500, 340, 250, 200].map((width) => {
            const tile = new Tile(bed, () => {});
            document.querySelector(".view-wall").append(tile.element);
            tile.element.style.width = `${width}px`;
            tile.update(0);
            const seen = tile.patient.checkVisibility({ visibilityProperty: true });
            tile.element.remove();
            return seen;
          });
        }"""
    )
    assert shown == [True, True, False, False]


def test_an_alarm_that_does_not_fit_is_told_by_its_short_name(page: Any) -> None:
    shown = page.evaluate(
        """async () => {
          const { Bed } = await import("/assets/stream/bed.js");
          const { Tile } = await import("/assets/wall/tile.js");
          const info = { bed: 0, device: "d", label: "Bed 7 of the east wing", patient: "P7",
            leads: [], status: "online", alarms_off: [], rate_limits: [50, 120] };
          const bed = new Bed(info);
          bed.setAlarms({ pause: null, alarms: [{ id: "a", kind: "vf", priority: "high",
            presence: "On", audio: "On", present: true, raised_at: 1, onset_at: 1 }] });
          const place = document.querySelector(".view-wall");
          const told = [];
          for (const width of [900, 360, 250]) {
            const tile = new Tile(bed, () => {});
            place.append(tile.element);
            tile.element.style.width = `${width}px`;
            tile.update(0);
            const { chip: { alarm }, link } = tile;
            told.push([alarm.textContent, alarm.title, alarm.scrollWidth <= alarm.clientWidth,
              link.scrollWidth <= link.clientWidth || link.dir]);
            tile.element.remove();
          }
          return told;
        }"""
    )
    full, short, tight = shown
    assert full[:3] == ["!!! Ventricular fibrillation", "!!! Ventricular fibrillation", True]
    assert short[0] == tight[0] == "!!! VF"
    assert short[1] == "!!! Ventricular fibrillation"
    assert short[2]
    assert tight[2]
    assert full[3] is True


def test_the_last_beats_may_all_be_replaced_at_once(page: Any) -> None:
    """As when analysis catches up, or when the page was in the background."""
    times = page.evaluate(
        """async () => {
          const { BeatList } = await import("/assets/bed/beatlist.js");
          const beat = (n) => ({ n, label: "N", rr: 1, amplitude: 1, anomaly: 0.1 });
          const range = (from, to) => Array.from({ length: to - from }, (_, i) => beat(from + i));
          const bed = { beats: range(0, 12), start: 0, playout: { fs: 1 } };
          const list = new BeatList(bed, () => {});
          const told = [];
          for (const [from, to] of [[0, 12], [40, 60], [57, 61], [100, 103]]) {
            bed.beats = range(from, to);
            list.update();
            const rows = [...list.body.rows].map((row) => row.cells[0].textContent);
            told.push([rows.length, rows.filter((text) => text !== "").length, rows[0]]);
          }
          return told;
        }"""
    )
    assert [row[:2] for row in times] == [[12, 12], [12, 12], [12, 4], [12, 3]]
    assert times[-1][2].endswith(":42")  # the newest first: 102 s


def test_a_rhythm_tells_its_age_and_ends_with_the_beats_that_make_it(page: Any) -> None:
    shown = page.evaluate(
        """async () => {
          const { Bed } = await import("/assets/stream/bed.js");
          const { Tile } = await import("/assets/wall/tile.js");
          const bed = new Bed({ bed: 0, device: "d", label: "Bed 7", patient: "", leads: ["II"],
            status: "online", tag: 1, boot: "b", fs: 250, alarms_off: [], rate_limits: [50, 120] });
          const alarm = (kind, onset_at, present = true) => ({ id: kind, kind, priority: "low",
            presence: present ? "On" : "Latch", audio: "On", present, raised_at: 1, onset_at });
          const tell = (...alarms) => bed.setAlarms({ pause: null, alarms });
          const beat = (second, label) => [250 * second, label, 0.8, 1, 0];
          const tile = new Tile(bed, () => {});
          document.querySelector(".view-wall").append(tile.element);
          const figure = (hubNow) => {
            bed.accept({ tag: 1, lead: 0, fs: 250, n0: 0, samples: new Int16Array(250), start: 0,
              pulses: new Uint16Array(), gain: 200, baseline: 0, arrival: 0, leadOff: false }, 0);
            bed.setVitals({ tag: 1, n: 250, hr: 75, q: "good" }, 0);
            tile.update(0, hubNow);
            return tile.element.querySelector("[data-figure=rhythm]").textContent;
          };
          const found = [];
          tell(alarm("af", 1000));
          found.push(figure(1042), figure(1130));
          tell(alarm("af", 1000, false));
          found.push(figure(1131));
          tell(alarm("bigeminy", 1000));
          bed.addBeats({ tag: 1, beats: [beat(1, "V"), beat(2, "N"), beat(3, "V"), beat(4, "N")] });
          found.push(figure(1042));
          bed.addBeats({ tag: 1, beats: [beat(5, "N"), beat(6, "N"), beat(7, null)] });
          found.push(figure(1044));
          tile.element.remove();
          return found;
        }"""
    )
    assert shown == [
        "for 42 sAF", "for 2 minAF", "RhythmUnknown",  # fibrillation, until its end is told
        "RhythmBigeminy", "RhythmUnknown",  # while one of the last three beats is ventricular
    ]  # fmt: skip
