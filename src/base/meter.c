/* SPDX-License-Identifier: Apache-2.0 */
#include "base/meter.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SIZE_TEXT_SIZE 16
#define MINUTE         60
#define HOUR           3600
#define LEFT_MAX       (100.0 * HOUR)

unsigned meter_columns(int fd)
{
	struct winsize size;

	if (isatty(fd) == 0)
		return 0;
	/* A terminal that does not know its size is a common one. */
	if (ioctl(fd, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return METER_TEXT_SIZE;
	return size.ws_col;
}

void meter_begin(struct meter *meter, const char *what, uint64_t total,
                 unsigned columns, int64_t now_ms)
{
	*meter = (struct meter){ .what = what,
		                 .total = total,
		                 .columns = columns,
		                 .began_ms = now_ms,
		                 .shown_ms = now_ms };
}

bool meter_is_due(struct meter *meter, int64_t now_ms)
{
	if (meter->columns == 0 || now_ms - meter->shown_ms < METER_PAUSE_MS)
		return false;
	meter->shown_ms = now_ms;
	meter->is_shown = true;
	return true;
}

/* "12.3 MiB": below 1 KiB as bytes. */
static void size_text(uint64_t bytes, char out[SIZE_TEXT_SIZE])
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	size_t unit = 0;
	double value = (double)bytes / 1024;

	if (bytes < 1024) {
		(void)snprintf(out, SIZE_TEXT_SIZE, "%" PRIu64 " B", bytes);
		return;
	}
	while (value >= 1024 && unit + 1 < sizeof units / sizeof units[0]) {
		value /= 1024;
		unit++;
	}
	(void)snprintf(out, SIZE_TEXT_SIZE, "%.1f %s", value, units[unit]);
}

/* Nothing for what is so far away that it tells nobody anything. */
static void left_text(double estimate, char *out, size_t size)
{
	unsigned seconds;

	out[0] = '\0';
	if (estimate >= LEFT_MAX)
		return;
	seconds = (unsigned)(estimate + 0.5);
	if (seconds < MINUTE)
		(void)snprintf(out, size, ", %u s left", seconds);
	else if (seconds < HOUR)
		(void)snprintf(out, size, ", %u min %u s left",
		               seconds / MINUTE, seconds % MINUTE);
	else
		(void)snprintf(out, size, ", %u h %u min left", seconds / HOUR,
		               seconds % HOUR / MINUTE);
}

/* " of 1.3 GiB, 9 %" */
static void share_text(const struct meter *meter, uint64_t done, char *out,
                       size_t size)
{
	char total[SIZE_TEXT_SIZE];

	out[0] = '\0';
	if (meter->total == 0)
		return;
	size_text(meter->total, total);
	(void)snprintf(out, size, " of %s, %u %%", total,
	               (unsigned)(100.0 * (double)done / (double)meter->total));
}

void meter_text(const struct meter *meter, uint64_t done, int64_t now_ms,
                char out[METER_TEXT_SIZE])
{
	int64_t spent_ms = now_ms - meter->began_ms;
	double rate = spent_ms > 0 ? (double)done * 1000 / (double)spent_ms : 0;
	char sizes[2][SIZE_TEXT_SIZE];
	char share[2 * SIZE_TEXT_SIZE];
	char left[2 * SIZE_TEXT_SIZE] = "";

	if (meter->total > 0 && done > meter->total)
		done = meter->total;
	size_text(done, sizes[0]);
	size_text((uint64_t)rate, sizes[1]);
	share_text(meter, done, share, sizeof share);
	if (meter->total > 0 && rate > 0)
		left_text((double)(meter->total - done) / rate, left,
		          sizeof left);
	/* A line that does not fit is cut, and an empty one is no harm. */
	if (snprintf(out, METER_TEXT_SIZE, "%.20s: %s%s, %s/s%s", meter->what,
	             sizes[0], share, sizes[1], left) < 0)
		out[0] = '\0';
}

/* One column stays free: a full line would wrap. */
static int line_width(const struct meter *meter)
{
	return meter->columns < METER_TEXT_SIZE ? (int)meter->columns - 1
	                                        : METER_TEXT_SIZE - 1;
}

void meter_line(const struct meter *meter, uint64_t done, int64_t now_ms,
                char out[METER_LINE_SIZE])
{
	char text[METER_TEXT_SIZE];
	int width = line_width(meter);

	meter_text(meter, done, now_ms, text);
	(void)snprintf(out, METER_LINE_SIZE, "\r%-*.*s", width, width, text);
}

void meter_clear(struct meter *meter, char out[METER_LINE_SIZE])
{
	out[0] = '\0';
	if (meter->is_shown)
		(void)snprintf(out, METER_LINE_SIZE, "\r%*s\r",
		               line_width(meter), "");
	meter->is_shown = false;
}
