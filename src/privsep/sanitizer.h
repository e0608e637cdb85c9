/* SPDX-License-Identifier: Apache-2.0 */
/* Whether this is a build with AddressSanitizer, which needs a few system calls
 * and terabytes of addresses of its own. */
#ifndef PRIVSEP_SANITIZER_H
#define PRIVSEP_SANITIZER_H

#if defined(__SANITIZE_ADDRESS__)
#define HAS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif

#endif
