/* SPDX-License-Identifier: Apache-2.0 */
/* How far long work has come, as one line for a terminal:
 *
 *     unpacking: 124.0 MiB of 1.3 GiB, 9 %, 312.5 MiB/s, 4 s left
 *
 * The caller has the clock (clock_monotonic_ms) and prints; no colour, and no
 * control but CR, which every terminal knows. */
#ifndef BASE_METER_H
#define BASE_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define METER_TEXT_SIZE 80 /* fits a terminal of 80 columns */
#define METER_LINE_SIZE (METER_TEXT_SIZE + 2)
#define METER_PAUSE_MS  100 /* between two lines */

struct meter {
	const char *what; /* borrowed; at most 20 bytes are shown */
	uint64_t total;   /* bytes; 0: not known */
	unsigned columns; /* of the terminal; 0: nothing is ever due */
	int64_t began_ms;
	int64_t shown_ms; /* when meter_is_due last said yes */
	bool is_shown;
};

/* Shows nothing; what is released before it begins must be this. */
#define METER_NONE ((struct meter){ .columns = 0 })

/** meter_columns - the width of the terminal at @fd; 0 if it is none. */
unsigned meter_columns(int fd);

/**
 * meter_begin - start.
 * @columns: of meter_columns; 0 where the user wants no such line.
 *
 * The first line is due after METER_PAUSE_MS, so that short work shows none.
 */
void meter_begin(struct meter *meter, const char *what, uint64_t total,
                 unsigned columns, int64_t now_ms);

/** meter_is_due - whether a line is to be shown now; then the next one is due
 * METER_PAUSE_MS later. */
bool meter_is_due(struct meter *meter, int64_t now_ms);

/**
 * meter_text - how far it is with @done bytes.  The rate is that since the
 * begin; where the total is not known, or nothing was done yet, what follows
 * from it is left out.
 */
void meter_text(const struct meter *meter, uint64_t done, int64_t now_ms,
                char out[METER_TEXT_SIZE]);

/** meter_line - what to print for that: it goes over the line before, and is
 * cut where the terminal is narrow. */
void meter_line(const struct meter *meter, uint64_t done, int64_t now_ms,
                char out[METER_LINE_SIZE]);

/** meter_clear - what to print in the end, so that nothing is left to see; ""
 * where nothing was shown. */
void meter_clear(struct meter *meter, char out[METER_LINE_SIZE]);

#endif
