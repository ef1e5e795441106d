// Persons in columns, and the rules over all of them at once, as matching/core/ssn.py and cohort_identity.py have them.
(function (wr) {
    "use strict";

    const ID_BYTES = 20;

    // Numbers printed in advertising, or typed by people who have none: area, group and serial apart.
    const WELL_KNOWN = new Set(
        [[78, 5, 1120], [219, 9, 9999], [457, 55, 5462], [123, 45, 6789], [12, 34, 5678]]
            .concat([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((last) => [987, 65, 4320 + last]))
            .map(([area, group, serial]) => area * 1e6 + group * 1e4 + serial)
            .concat([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => digit * 111111111)));
    const isItinGroup = (g) => (g >= 50 && g <= 65) || (g >= 70 && g <= 88) || (g >= 90 && g <= 92) || g >= 94;
    const isSpecimenGroup = (g) => (g >= 1 && g <= 49) || (g >= 66 && g <= 69) || g === 89;

    // Why a nine-digit number is refused in this world; "" means that it is accepted.
    function refuseReason(ssn, world) {
        const area = Math.floor(ssn / 1e6), group = Math.floor(ssn / 1e4) % 100;
        if (world === "specimen") {
            return area >= 900 && isSpecimenGroup(group) ? "" : "ssn_not_a_specimen";
        }
        if (WELL_KNOWN.has(ssn)) return "ssn_well_known_specimen";
        if (area >= 900 && isItinGroup(group)) return "ssn_is_itin";
        if (area >= 900 && group === 93) return "ssn_is_atin";
        if (area === 0 || area === 666 || area >= 900) return "ssn_impossible_area";
        if (group === 0) return "ssn_impossible_group";
        return ssn % 1e4 === 0 ? "ssn_impossible_serial" : "";
    }

    // Columns of persons in typed arrays that double as they fill: IDs in 20 bytes each, numbers, line numbers, faults.
    class Rows {
        constructor() {
            this.count = 0;
            this.faults = [""];
            this._room(1024);
        }

        _room(capacity) {
            const grown = { ids: new Uint8Array(capacity * ID_BYTES), ssn: new Uint32Array(capacity),
                line: new Uint32Array(capacity), fault: new Uint8Array(capacity) };
            for (const [name, column] of Object.entries(grown)) {
                if (this[name]) {
                    column.set(this[name]);
                }
                this[name] = column;
            }
        }

        add(line, id, start, end, ssn, fault) {
            if (this.count === this.line.length) {
                this._room(2 * this.count);
            }
            const row = this.count++;
            for (let i = start, place = row * ID_BYTES; i < end; i++) {
                this.ids[place++] = id[i];
            }
            this.line[row] = line;
            this.ssn[row] = ssn;
            if (fault) {
                if (!this.faults.includes(fault)) {
                    this.faults.push(fault);
                }
                this.fault[row] = this.faults.indexOf(fault);
            }
        }

        hasId(row) {
            return this.ids[row * ID_BYTES] !== 0;
        }

        // The number an ID is, forwards and backwards, where it holds nine digits and else only hyphens and spaces.
        toldNumber(row) {
            let digits = 0, forwards = 0, backwards = 0;
            for (let i = row * ID_BYTES; i < (row + 1) * ID_BYTES; i++) {
                const byte = this.ids[i];
                if (byte >= 48 && byte <= 57) {
                    forwards = forwards * 10 + byte - 48;
                    backwards += (byte - 48) * 10 ** digits;
                    digits += 1;
                } else if (byte !== 0 && byte !== 32 && byte !== 45) {
                    return null;
                }
            }
            return digits === 9 ? [forwards, backwards] : null;
        }

        // True where an ID holds the nine digits of its own row's number, forwards or backwards, whatever stands between.
        tellsOwnNumber(row) {
            const begin = row * ID_BYTES, own = this.ssn[row];
            if (this.ids[begin + 8] === 0 || this.fault[row]) {
                return false;
            }
            const backwards = Number(String(own).padStart(9, "0").split("").reverse().join(""));
            let digits = 0, number = 0;
            for (let i = begin; i < begin + ID_BYTES; i++) {
                const digit = this.ids[i] - 48;
                if (digit >= 0 && digit <= 9) {
                    number = (number * 10 + digit) % 1e9;
                    digits += 1;
                }
                if (digits >= 9 && (number === own || number === backwards)) {
                    return true;
                }
            }
            return false;
        }
    }

    // First row of each equal key: an open hash table over row numbers.
    class FirstRows {
        constructor(count, hash, equal) {
            let size = 16;
            while (size < 2 * count) {
                size *= 2;
            }
            this.slots = new Int32Array(size).fill(-1);
            this.hash = hash;
            this.equal = equal;
        }

        find(key, row) {
            const mask = this.slots.length - 1;
            for (let slot = this.hash(key) & mask; ; slot = (slot + 1) & mask) {
                const first = this.slots[slot];
                if (first === -1) {
                    if (row >= 0) {
                        this.slots[slot] = row;
                    }
                    return row;
                }
                if (this.equal(key, first)) {
                    return first;
                }
            }
        }
    }

    const seed = self.crypto.getRandomValues(new Uint32Array(1))[0] | 1;
    const mix = (hash, word) => {
        const mixed = Math.imul((hash ^ word) + 0x9e3779b9, 0x85ebca6b);
        return mixed ^ (mixed >>> 13);
    };

    function firstRowsOfIds(rows) {
        const words = new Uint32Array(rows.ids.buffer), perId = ID_BYTES / 4;
        const hash = (row) => {
            let mixed = seed;
            for (let i = row * perId; i < (row + 1) * perId; i++) {
                mixed = mix(mixed, words[i]);
            }
            return mixed;
        };
        const equal = (row, first) => {
            for (let i = 0; i < perId; i++) {
                if (words[row * perId + i] !== words[first * perId + i]) {
                    return false;
                }
            }
            return true;
        };
        return new FirstRows(rows.count, hash, equal);
    }

    function firstRowsOfSsns(rows) {
        return new FirstRows(rows.count, (ssn) => mix(seed, ssn), (ssn, first) => rows.ssn[first] === ssn);
    }

    // Rules over all rows; gives how many rows have nothing wrong.
    function checkRows(rows, world, log) {
        const count = rows.count;
        const reasons = Array.from({ length: count }, (_, row) =>
            rows.faults[rows.fault[row]] || refuseReason(rows.ssn[row], world));
        const bad = new Uint8Array(count);
        const note = (kind, row) => {
            bad[row] = 1;
            log.add(kind, rows.line[row]);
        };
        const told = toldNumbers(rows);
        const swapped = swappedRows(rows, reasons, told, world);
        for (let row = 0; row < count; row++) {
            if (swapped.has(row)) {
                note("columns_swapped", row);
            } else if (reasons[row]) {
                note(reasons[row], row);
            }
            bad[row] |= !rows.hasId(row);
        }
        noteIdsThatAreSsns(rows, told, swapped, note);
        noteDuplicates(rows, reasons, swapped, note);
        return count - bad.reduce((sum, one) => sum + one, 0);
    }

    // The numbers that IDs tell, by row; `rows` are those whose ID tells one.
    function toldNumbers(rows) {
        const told = { rows: [], forwards: new Uint32Array(rows.count), backwards: new Uint32Array(rows.count) };
        for (let row = 0; row < rows.count; row++) {
            const number = rows.toldNumber(row);
            if (number) {
                told.rows.push(row);
                [told.forwards[row], told.backwards[row]] = number;
            }
        }
        return told;
    }

    // Rows whose SSN is wrong while the ID could be one; none unless they are half of the file.
    function swappedRows(rows, reasons, told, world) {
        const hits = told.rows.filter((row) => reasons[row] && !refuseReason(told.forwards[row], world));
        return new Set(2 * hits.length >= rows.count ? hits : []);
    }

    function noteIdsThatAreSsns(rows, told, swapped, note) {
        const ssns = firstRowsOfSsns(rows);
        for (let row = 0; told.rows.length && row < rows.count; row++) {
            if (!rows.fault[row]) {
                ssns.find(rows.ssn[row], row);
            }
        }
        const isSsn = (number) => ssns.find(number, -1) !== -1;
        const among = new Set(told.rows.filter((row) => isSsn(told.forwards[row]) || isSsn(told.backwards[row])));
        for (let row = 0; row < rows.count; row++) {
            if (!swapped.has(row) && (among.has(row) || rows.tellsOwnNumber(row))) {
                note("id_is_ssn", row);
            }
        }
    }

    function noteDuplicates(rows, reasons, swapped, note) {
        const count = rows.count;
        const ids = firstRowsOfIds(rows), ssns = firstRowsOfSsns(rows);
        const idOf = new Int32Array(count).fill(-1), ssnOf = new Int32Array(count).fill(-1);
        const severalSsns = new Uint8Array(count), severalIds = new Uint8Array(count);
        for (let row = 0; row < count; row++) {
            if (!rows.hasId(row)) {
                continue;
            }
            const first = idOf[row] = ids.find(row, row);
            if (first !== row && (reasons[row] || reasons[first] || rows.ssn[row] !== rows.ssn[first])) {
                severalSsns[first] = 1;
            }
            if (!reasons[row]) {
                const sameSsn = ssnOf[row] = ssns.find(rows.ssn[row], row);
                severalIds[sameSsn] |= idOf[sameSsn] !== first;
            }
        }
        const pairs = new Set();
        for (let row = 0; row < count; row++) {
            const first = idOf[row];
            if (first === -1) {
                continue;
            }
            if (!reasons[row] && isRepeat(row, first, rows.ssn[row], severalSsns[first], pairs)) {
                note("exact_duplicate", row);
            }
            if (ssnOf[row] !== -1 && severalIds[ssnOf[row]]) {
                note("ssn_with_other_id", row);
            }
            if (severalSsns[first] && !swapped.has(row)) {
                note("id_with_other_ssn", row);
            }
        }
    }

    // Where an ID has one SSN only, every row after the first repeats it; else the pairs seen so far decide.
    function isRepeat(row, first, ssn, several, pairs) {
        if (!several) {
            return row !== first;
        }
        const pair = first * 1e9 + ssn, seen = pairs.has(pair);
        pairs.add(pair);
        return seen;
    }

    Object.assign(wr, { Rows, checkRows });
})((self.wrCohort = self.wrCohort || {}));
