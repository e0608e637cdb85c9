/* SPDX-License-Identifier: Apache-2.0 */
#include "sigstore/times.h"

#include <stdbool.h>

#include "crypto/timestamp.h"

static void add_time(struct times *times, enum sigstore_time_source source,
                     int64_t seconds)
{
	times->at[times->count++] = (struct sigstore_time){ source, seconds };
}

/* --- timestamps ------------------------------------------------------------
 */

static int verify_by(const struct sigstore_authority *authority,
                     struct bytes stamp, struct bytes signature,
                     struct instant *out, struct err *err)
{
	struct instant made;

	if (timestamp_verify(stamp, signature, &authority->chain, &made, err) <
	    0)
		return -1;
	if (!period_holds(&authority->period, made))
		return err_set(err, ERR_UNTRUSTED, 0,
		               "the authority was not trusted then");
	*out = made;
	return 0;
}

/* 1, or 0 with the reason of the last authority. */
static int verify_by_any(const struct sigstore_trust *trust, struct bytes stamp,
                         struct bytes signature, struct instant *out,
                         struct err *err)
{
	for (size_t i = 0; i < trust->stamper_count; i++) {
		if (verify_by(&trust->stampers[i], stamp, signature, out,
		              err) == 0)
			return 1;
		if (err->code == ERR_SYSTEM)
			return -1;
	}
	return 0;
}

static int add_timestamps(const struct sigstore_bundle *bundle,
                          const struct sigstore_trust *trust, struct times *out,
                          struct err *err)
{
	size_t verified = 0;

	if (trust->stamper_count == 0 || bundle->timestamp_count == 0)
		return 0;
	for (size_t i = 0; i < bundle->timestamp_count; i++) {
		struct instant made = { 0, 0 };
		int result = verify_by_any(trust, bundle->timestamps[i],
		                           bundle->signature, &made, err);

		if (result < 0)
			return -1;
		if (result == 0)
			continue;
		add_time(out, SIGSTORE_TIME_STAMP, made.seconds);
		verified++;
	}
	/* err holds why the last one does not count. */
	return verified > 0 ? 0 : err_wrap(err, "no timestamp verifies");
}

static bool has_timestamp(const struct times *times)
{
	for (size_t i = 0; i < times->count; i++)
		if (times->at[i].source == SIGSTORE_TIME_STAMP)
			return true;
	return false;
}

/* --- all of them
 * ----------------------------------------------------------- */

static bool was_in_use(const struct sigstore_log *log,
                       const struct times *times)
{
	for (size_t i = 0; i < times->count; i++) {
		struct instant at = { times->at[i].seconds, 0 };

		if (period_holds(&log->period, at))
			return true;
	}
	return times->count == 0;
}

static int check_periods(const struct logged *logged, size_t count,
                         const struct times *times, struct err *err)
{
	for (size_t i = 0; i < count; i++)
		if (!logged[i].has_promise && !was_in_use(logged[i].log, times))
			return err_set(err, ERR_UNTRUSTED, 0,
			               "the log's key was not valid at any "
			               "verified time");
	return 0;
}

int times_verify(const struct sigstore_bundle *bundle,
                 const struct sigstore_trust *trust,
                 const struct signer *signer, const struct logged *logged,
                 size_t count, struct times *out, struct err *err)
{
	for (size_t i = 0; i < count; i++)
		if (logged[i].has_promise)
			add_time(out, SIGSTORE_TIME_LOG,
			         logged[i].entry->integrated_time);
	if (add_timestamps(bundle, trust, out, err) < 0)
		return -1;
	if ((trust->evidence & SIGSTORE_TIMESTAMP) != 0 && !has_timestamp(out))
		return err_set(err, ERR_UNTRUSTED, 0,
		               "the trusted root demands a timestamp of one of "
		               "its authorities");
	if (!signer->is_by_key && out->count == 0)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "no verified time: neither a log's promise nor "
		               "a timestamp");
	return check_periods(logged, count, out, err);
}
