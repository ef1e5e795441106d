// What can be wrong with a cohort file, by kind, as in matching/core/cohort/problems.py.
(function (wr) {
    "use strict";

    const LINES_KEPT = 1000;
    // In the order in which a report lists them; those of single lines after "line_too_long" (and "not_utf8").
    const KINDS = [
        "empty", "not_csv_archive", "not_csv_utf16", "not_csv_nul_bytes", "not_utf8", "too_large",
        "matching_under_way", "wrong_delimiter", "header_missing", "header_left_as_template", "header_malformed",
        "header_wrong_state", "header_not_a_quarter", "quarter_not_approved", "header_repeated", "columns_swapped",
        "line_too_long", "blank_line", "broken_quotes", "wrong_number_of_columns", "ssn_missing",
        "ssn_with_hyphens_or_spaces", "ssn_lost_leading_zero", "ssn_scientific_notation", "ssn_with_decimals",
        "ssn_not_nine_digits", "ssn_impossible_area", "ssn_impossible_group", "ssn_impossible_serial", "ssn_is_itin",
        "ssn_is_atin", "ssn_well_known_specimen", "ssn_not_a_specimen", "id_missing", "id_too_long", "id_is_formula",
        "id_characters", "id_is_ssn", "exact_duplicate", "ssn_with_other_id", "id_with_other_ssn",
    ];
    const FIRST_LINE_KIND = KINDS.indexOf("line_too_long");
    const ofLines = (kind) => kind === "not_utf8" || KINDS.indexOf(kind) >= FIRST_LINE_KIND;

    // Counts by kind with the first line numbers.
    class Log {
        constructor() {
            this.found = new Map();
        }

        add(kind, line) {
            let problem = this.found.get(kind);
            if (!problem) {
                this.found.set(kind, problem = { kind, count: 0, lines: [] });
            }
            problem.count += 1;
            if (line && problem.lines.length < LINES_KEPT) {
                problem.lines.push(line);
            }
        }

        absorb(other) {
            for (const { kind, count, lines } of other.found.values()) {
                lines.forEach((line) => this.add(kind, line));
                if (count > lines.length) {
                    this.found.get(kind).count += count - lines.length;
                }
            }
        }

        get refusesFile() {
            return [...this.found.keys()].some((kind) => !ofLines(kind));
        }

        problems() {
            return KINDS.filter((kind) => this.found.has(kind)).map((kind) => this.found.get(kind));
        }
    }

    Object.assign(wr, { KINDS, Log });
})((self.wrCohort = self.wrCohort || {}));
