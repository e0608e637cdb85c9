/* SPDX-License-Identifier: Apache-2.0 */
#include "health/report_tally.h"

void tally_add(struct tally *tally, const struct findings *app)
{
	for (size_t i = 0; i < app->count; i++)
		tally->of[app->items[i].severity]++;
	for (unsigned i = 0; i < CHECK_COUNT; i++)
		tally->of[app->worst] += app->dropped[i];
}
