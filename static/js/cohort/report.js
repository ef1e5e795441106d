// The report of a checked file, as the page of a refused file shows it: what to do, how often, in which lines.
(function (wr) {
    "use strict";

    const RUNS_SHOWN = 12;
    const count = (number) => number.toLocaleString("en-US");

    // 4, 21 to 120: neighbours are joined; where there are more than fit, it says so (matching/cohorts/selectors.py).
    function linesInWords(lines, total) {
        const runs = [];
        for (const line of lines) {
            const last = runs.at(-1);
            if (last && line === last[1] + 1) {
                last[1] = line;
            } else {
                runs.push([line, line]);
            }
        }
        const shown = runs.slice(0, RUNS_SHOWN);
        const words = shown.map(([from, to]) => (from === to ? `${from}` : `${from} to ${to}`)).join(", ");
        const told = shown.reduce((sum, [from, to]) => sum + to - from + 1, 0);
        return words && total > told ? `${words} and ${count(total - told)} more` : words;
    }

    const quoted = (text) => `"${String(text).replaceAll('"', '""')}"`;

    function asCsv(problems, hints) {
        const rows = ["kind,line,hint"];
        for (const { kind, lines, count: total } of problems) {
            for (const line of lines.length ? lines : [""]) {
                rows.push(`${kind},${line},${quoted(hints[kind])}`);
            }
            if (total > lines.length && lines.length) {
                rows.push(`${kind},,${quoted(`${total} in all; the first ${lines.length} are listed.`)}`);
            }
        }
        return rows.join("\r\n") + "\r\n";
    }

    // The report as an element; `label` names the file for people who hear the page.
    function reportOf(problems, hints, label) {
        const report = document.getElementById("cohort-report").content.firstElementChild.cloneNode(true);
        report.querySelector("[role='region']").setAttribute("aria-label", `What is wrong with ${label}`);
        const body = report.querySelector("tbody");
        for (const problem of problems) {
            const row = body.insertRow();
            const hint = document.createElement("th");
            hint.scope = "row";
            hint.textContent = hints[problem.kind];
            row.append(hint);
            const often = row.insertCell();
            often.className = "wr-figure";
            often.dataset.label = "How often";
            often.textContent = count(problem.count);
            const where = row.insertCell();
            where.dataset.label = "Lines";
            where.textContent = linesInWords(problem.lines, problem.count) || "The whole file";
        }
        const link = report.querySelector("[data-wr-download]");
        link.href = URL.createObjectURL(new Blob([asCsv(problems, hints)], { type: "text/csv" }));
        link.download = "report.csv";
        return report;
    }

    Object.assign(wr, { asCsv, linesInWords, reportOf });
})((self.wrCohort = self.wrCohort || {}));
