// From the bytes of a cohort file to rows, as matching/core/cohort/lines.py and cohort_header.py read them: slice by
// slice, never the whole file.
(function (wr) {
    "use strict";

    const ID_BYTES = 20;
    const MAX_LINE_BYTES = 512;
    const SLICE_BYTES = 1 << 20;

    const ARCHIVES = [
        "PK\x03\x04", "PK\x05\x06", "PK\x07\x08", "\x1f\x8b", "\xd0\xcf\x11\xe0", "%PDF", "7z\xbc\xaf", "Rar!", "BZh",
        "\xfd7zXZ", "\x28\xb5\x2f\xfd", "\x89PNG", "\xff\xd8\xff", "\0".repeat(12) + "\xc2\xea\x81\x60", "$FL2",
        "<stata_dta", "PAR1", "SQLite format 3", "{\\rtf", "<?xml", "<html", "<HTML", "<!DOCTYPE", "<!doctype",
    ];
    const SPACES_AROUND = /^[ \t\v\f\r]+|[ \t\v\f\r]+$/g;
    const FORMULA = "=+-@\uff1d\uff0b\uff0d\uff20";
    const ODD_CHARACTERS = new RegExp(
        "[\\0-\\x1f\\x7f-\\xa0\\xad\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f" +
        "\\u205f-\\u206f\\u3000\\ue000-\\uf8ff\\ufeff\\ufff0-\\uffff\\u{e0000}-\\u{10ffff}]", "u");
    const NINE_DIGITS = /^[0-9]{9}$/;
    const SPACED_SSN = /^[0-9 \t\v\f\r\u00a0\u2010-\u2015\u2212-]+$/;
    const SCIENTIFIC = /^[0-9]+([.,][0-9]*)?[eE]\+?[0-9]+$/;
    const DECIMAL = /^[0-9]{7,9}[.,][0-9]*$/;
    const HEADER = /^[0-9]{2},[0-9]{4}[1-4]$/;
    const QUARTER = /^(19|20)[0-9]{2}[1-4]$/;
    const MEANT_AS_QUARTER = /^(19|20)[0-9]{2}[^0-9]{0,2}[0-9]?$/u;
    const LOOKS_LIKE_SSN = /^([0-9 -]{7,}|[0-9]+([.,][0-9]*)?[eE]\+?[0-9]+|[0-9]{7,}\.[0-9]*)$/;

    const strip = (text) => text.replace(SPACES_AROUND, "");
    const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    const bytesOf = new TextEncoder();

    // What a file is, from its first bytes, where it is no text.
    function foreignFormat(head) {
        const beginning = String.fromCharCode(...head.subarray(0, 24));
        const unmarked = beginning.startsWith("\xef\xbb\xbf") ? beginning.slice(3) : beginning;
        if (ARCHIVES.some((mark) => unmarked.startsWith(mark))) {
            return "not_csv_archive";
        }
        if (beginning.startsWith("\xff\xfe") || beginning.startsWith("\xfe\xff")) {
            return "not_csv_utf16";
        }
        const nuls = [0, 0, 0, 0];
        head.forEach((byte, at) => { nuls[at % 4] += byte === 0; });
        if (head.length <= 3 || (nuls[0] + nuls[1] + nuls[2] + nuls[3]) * 3 <= head.length) {
            return "";
        }
        // Letters of two or four bytes have their NUL bytes in the same places.
        return Math.min(...nuls) * 8 < Math.max(...nuls) ? "not_csv_utf16" : "not_csv_nul_bytes";
    }

    const isSpace = (byte) => byte === 32 || (byte >= 9 && byte <= 13);
    const isBlank = (line) => line.length <= MAX_LINE_BYTES && line.every(isSpace);

    // The fields of one line, quotes undone, or the kind of problem that prevents reading it.
    function splitLine(line, delimiter) {
        if (line.length > MAX_LINE_BYTES) return { kind: "line_too_long" };
        if (line.includes(0)) return { kind: "not_csv_nul_bytes" };
        let text;
        try {
            text = utf8.decode(line);
        } catch {
            return { kind: "not_utf8" };
        }
        return text.includes('"') ? unquote(text, delimiter) : { fields: text.split(delimiter) };
    }

    function unquote(text, delimiter) {
        const fields = [];
        let field = "", quoted = false, closed = false, begun = false;
        for (const character of text) {
            if (quoted) {
                [quoted, closed, field] = character === '"' ? [false, true, field] : [true, false, field + character];
            } else if (character === delimiter) {
                fields.push(field);
                [field, closed, begun] = ["", false, false];
            } else if (closed && character === '"') {
                [quoted, closed, field] = [true, false, field + character];
            } else if (closed) {
                return { kind: "broken_quotes" };
            } else if (character === '"' && !begun) {
                [quoted, begun] = [true, true];
            } else {
                [field, begun] = [field + character, true];
            }
        }
        return quoted ? { kind: "broken_quotes" } : { fields: [...fields, field] };
    }

    // Judges the first line as matching/core/cohort/header.py does.
    function readHeader(line, { state, quarters }) {
        const delimiter = delimiterOf(line);
        const problems = delimiter === "," ? [] : ["wrong_delimiter"];
        const { kind, fields } = splitLine(line, delimiter);
        const answer = (quarter, more, isData = false) =>
            ({ quarter, problems: [...problems, ...more], isData, delimiter });
        if (kind) return answer(null, [kind, "header_missing"]);
        const [first, second] = [strip(fields[0]), strip(fields[1] ?? "")];
        if ([first, second].some((field) => /^(SS|YYYYQ)$/i.test(field))) {
            return answer(null, ["header_left_as_template"]);
        }
        const isData = fields.length >= 2 && LOOKS_LIKE_SSN.test(second);
        const short = [...first].length <= 2 && /^[0-9]/.test(second) && [...second].length <= 7;
        if (fields.length < 2 || isData || !(short || MEANT_AS_QUARTER.test(second))) {
            return answer(null, ["header_missing"], isData);
        }
        const more = fields.length !== 2 || fields.some((field) => field !== strip(field)) ? ["header_malformed"] : [];
        if (!/^[0-9]{2}$/.test(first) || first !== state) more.push("header_wrong_state");
        if (!QUARTER.test(second)) return answer(null, [...more, "header_not_a_quarter"]);
        if (!quarters.includes(Number(second))) more.push("quarter_not_approved");
        return answer(Number(second), more);
    }

    function delimiterOf(line) {
        const beginning = line.subarray(0, MAX_LINE_BYTES);
        return [",", ";", "\t", "|"].find((mark) => beginning.includes(mark.charCodeAt(0))) ?? ",";
    }

    function idFault(text, value) {
        const stripped = strip(text);
        if (!stripped) return "id_missing";
        if (value.length > ID_BYTES) return "id_too_long";
        if (FORMULA.includes(stripped[0])) return "id_is_formula";
        return text !== stripped || ODD_CHARACTERS.test(text) ? "id_characters" : "";
    }

    function ssnFault(text) {
        if (NINE_DIGITS.test(text)) return "";
        if (!strip(text)) return "ssn_missing";
        if (SPACED_SSN.test(text) && text.replace(/[^0-9]/g, "").length === 9) return "ssn_with_hyphens_or_spaces";
        if (/^[0-9]{7,8}$/.test(text)) return "ssn_lost_leading_zero";
        if (SCIENTIFIC.test(text)) return "ssn_scientific_notation";
        return DECIMAL.test(text) ? "ssn_with_decimals" : "ssn_not_nine_digits";
    }

    // Reads lines into rows; the header first. `stopped` once there are too many.
    class Reader {
        constructor(options) {
            this.options = options;
            this.fileLog = new wr.Log();
            this.log = new wr.Log();
            this.rows = new wr.Rows();
            this.quarter = null;
            this.seen = 0;
            this.number = 0;
            this.blank = [];
            this.delimiter = ",";
            this.headless = false;
        }

        get stopped() {
            return this.seen > this.options.maxRows;
        }

        line(bytes, start, end) {
            this.number += 1;
            if (this.number === 1) {
                this._first(bytes.subarray(start, end));
            } else if (this.delimiter !== "," || !this._plain(bytes, start, end)) {
                this._exact(bytes.subarray(start, end));
            }
        }

        _first(line) {
            this.headless = isBlank(line);
            if (this.headless) {
                this.blank.push(1);
                return;
            }
            const header = readHeader(line, this.options);
            this.quarter = header.quarter;
            this.delimiter = header.delimiter;
            header.problems.forEach((kind) => this.fileLog.add(kind, 1));
            if (header.isData) {
                this._exact(line);
            }
        }

        // A line that is plainly `id,ssn`; false where it needs a closer look.
        _plain(bytes, start, end) {
            const comma = end - 10;
            if (comma <= start || comma - start > ID_BYTES || bytes[comma] !== 44 || bytes[comma - 1] === 32) {
                return false;
            }
            const first = bytes[start];
            if (first === 61 || first === 43 || first === 45 || first === 64 || first === 32) {
                return false;
            }
            for (let i = start; i < comma; i++) {
                const byte = bytes[i];
                if (byte < 32 || byte > 126 || byte === 34 || byte === 44) {
                    return false;
                }
            }
            let ssn = 0;
            for (let i = comma + 1; i < end; i++) {
                const digit = bytes[i] - 48;
                if (digit < 0 || digit > 9) {
                    return false;
                }
                ssn = ssn * 10 + digit;
            }
            this._noteBlank();
            this.seen += 1;
            this.rows.add(this.number, bytes, start, comma, ssn, "");
            return true;
        }

        _exact(line) {
            if (isBlank(line)) {
                this.blank.push(this.number);
                return;
            }
            this._noteBlank();
            this.seen += 1;
            const { kind, fields } = this._fields(line);
            if (kind) {
                this.log.add(kind, this.number);
                return;
            }
            const value = bytesOf.encode(fields[0]);
            const wrongId = idFault(fields[0], value), wrongSsn = ssnFault(fields[1]);
            if (wrongId) {
                this.log.add(wrongId, this.number);
            }
            const used = wrongId ? 0 : value.length;
            this.rows.add(this.number, value, 0, used, wrongSsn ? 0 : Number(fields[1]), wrongSsn);
        }

        _fields(line) {
            const { kind, fields } = splitLine(line, this.delimiter);
            if (kind) return { kind };
            if (HEADER.test(fields.join(","))) return { kind: "header_repeated" };
            if (!fields.some(Boolean)) return { kind: "blank_line" };
            return fields.length === 2 ? { fields } : { kind: "wrong_number_of_columns" };
        }

        // A filled line follows: the blank lines so far were not at the end.
        _noteBlank() {
            if (this.blank.length) {
                this.blank.forEach((number) => this.log.add("blank_line", number));
                this.blank = [];
            }
        }
    }

    // Feeds the file's lines to the reader, slice by slice. LF, CRLF and CR end a line; of a line that is too long only
    // the beginning is kept.
    async function readLines(file, offset, reader, progress) {
        const size = reader.options.sliceBytes ?? SLICE_BYTES;
        let rest = new Uint8Array(0);
        for (let at = offset; at < file.size && !reader.stopped; at += size) {
            const slice = new Uint8Array(await file.slice(at, at + size).arrayBuffer());
            const buffer = new Uint8Array(rest.length + slice.length);
            buffer.set(rest);
            buffer.set(slice, rest.length);
            const start = readWhole(buffer, reader);
            rest = beginning(buffer.subarray(start));
            progress(Math.min(at + size, file.size), file.size);
        }
        if (rest.length && !reader.stopped) {
            const ended = rest[rest.length - 1] === 13 ? rest.length - 1 : rest.length;
            reader.line(rest, 0, ended);
        }
    }

    function readWhole(buffer, reader) {
        const after = (mark, from) => {
            const place = buffer.indexOf(mark, from);
            return place === -1 ? buffer.length : place;
        };
        let start = 0, lf = after(10, 0), cr = after(13, 0);
        while (!reader.stopped) {
            const end = Math.min(lf, cr);
            if (end === buffer.length || (end === cr && cr === buffer.length - 1)) {
                break; // a CR at the end may be half of a line end
            }
            reader.line(buffer, start, end);
            start = end + (end === cr && lf === cr + 1 ? 2 : 1);
            if (lf < start) lf = after(10, start);
            if (cr < start) cr = after(13, start);
        }
        return start;
    }

    function beginning(line) {
        if (line.length <= 2 * MAX_LINE_BYTES) {
            return line.slice();
        }
        const kept = line.slice(0, MAX_LINE_BYTES + 2);
        kept[MAX_LINE_BYTES + 1] = line[line.length - 1] === 13 ? 13 : 120;
        return kept;
    }

    Object.assign(wr, { Reader, foreignFormat, readLines });
})((self.wrCohort = self.wrCohort || {}));
