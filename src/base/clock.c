/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"

int64_t clock_now(void)
{
	struct timespec now;

	/* CLOCK_REALTIME is always there: clock_gettime(2). */
	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec;
}

int64_t clock_now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now); /* as above */
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t clock_monotonic_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* always there */
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void clock_format(int64_t time, char out[CLOCK_TEXT_SIZE])
{
	struct tm parts;
	time_t t = (time_t)(time < 0 ? 0 : time > CLOCK_MAX ? CLOCK_MAX : time);

	(void)gmtime_r(&t, &parts); /* cannot fail for years up to 9999 */
	(void)strftime(out, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

int clock_parse(const char *text, size_t len, int64_t *out, struct err *err)
{
	/* Where each number lies in the text, its width, and its range. */
	static const struct {
		size_t at, width;
		uint64_t max;
	} fields[] = { { 0, 4, 9999 }, { 5, 2, 12 },  { 8, 2, 31 },
		       { 11, 2, 23 },  { 14, 2, 59 }, { 17, 2, 59 } };
	uint64_t value[6];
	char again[CLOCK_TEXT_SIZE];
	struct tm parts = { 0 };
	int64_t time;

	if (len != CLOCK_TEXT_SIZE - 1)
		return err_set(err, ERR_FORMAT, 0,
		               "not a time like 2026-01-02T03:04:05Z");
	for (size_t i = 0; i < 6; i++) {
		uint64_t n = 0;

		for (size_t k = 0; k < fields[i].width; k++)
			n = n * 10 +
			    (unsigned char)text[fields[i].at + k] % 16U;
		value[i] = n <= fields[i].max ? n : 0;
	}
	parts.tm_year = (int)value[0] - 1900;
	parts.tm_mon = (int)value[1] - 1;
	parts.tm_mday = (int)value[2];
	parts.tm_hour = (int)value[3];
	parts.tm_min = (int)value[4];
	parts.tm_sec = (int)value[5];
	time = (int64_t)timegm(&parts);
	/* Digits, separators and days of the month are all judged at once: the
	 * text must be what we would write. */
	if (time < 0 || time > CLOCK_MAX)
		return err_set(err, ERR_FORMAT, 0, "time before 1970");
	clock_format(time, again);
	if (memcmp(again, text, len) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "not a time like 2026-01-02T03:04:05Z");
	*out = time;
	return 0;
}
