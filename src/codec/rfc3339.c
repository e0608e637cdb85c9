/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/rfc3339.h"

#include <string.h>

#include "base/clock.h"

#define WHOLE_LEN    ((size_t)CLOCK_TEXT_SIZE - 2) /* without the "Z" */
#define FRACTION_MAX 9                             /* digits */

/* ".5" and so on, up to nine digits -> nanoseconds. */
static int read_fraction(const char *text, size_t len, uint32_t *out,
                         struct err *err)
{
	uint32_t value = 0;

	if (len < 2 || len > 1 + FRACTION_MAX || text[0] != '.')
		return err_set(err, ERR_FORMAT, 0,
		               "fraction of a second is not a point and one to "
		               "nine digits");
	for (size_t i = 1; i <= FRACTION_MAX; i++) {
		char c = '0';

		if (i < len)
			c = text[i];
		if (c < '0' || c > '9')
			return err_set(err, ERR_FORMAT, 0,
			               "fraction of a second holds more than "
			               "digits");
		value = value * 10 + (uint32_t)(c - '0');
	}
	*out = value;
	return 0;
}

int rfc3339_parse(const char *text, size_t len, struct instant *out,
                  struct err *err)
{
	char whole[CLOCK_TEXT_SIZE];
	struct instant read = { 0, 0 };

	if (len < WHOLE_LEN + 1 || text[len - 1] != 'Z')
		return err_set(err, ERR_FORMAT, 0,
		               "not a time like 2026-01-02T03:04:05.678Z");
	if (len > WHOLE_LEN + 1 &&
	    read_fraction(text + WHOLE_LEN, len - WHOLE_LEN - 1,
	                  &read.nanoseconds, err) < 0)
		return -1;
	memcpy(whole, text, WHOLE_LEN);
	whole[WHOLE_LEN] = 'Z';
	if (clock_parse(whole, WHOLE_LEN + 1, &read.seconds, err) < 0)
		return -1;
	*out = read;
	return 0;
}
