/* SPDX-License-Identifier: Apache-2.0 */
/* Variables of an environment that was taken aside: main() clears the real one
 * first of all, so that no library finds there what nobody meant for it, and
 * keeps the old list for what the user asks for by name. */
#ifndef BASE_ENVIRONMENT_H
#define BASE_ENVIRONMENT_H

/**
 * environment_find - the value of a variable, borrowed; NULL where it is unset.
 * @environment: "NAME=value" texts, ended by NULL, as environ(7); may be NULL.
 */
const char *environment_find(const char *const *environment, const char *name);

#endif
