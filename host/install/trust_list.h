/* SPDX-License-Identifier: Apache-2.0 */
/* trust list: whom the host trusts for an app, and what of it is revoked. */
#ifndef INSTALL_TRUST_LIST_H
#define INSTALL_TRUST_LIST_H

#include "base/buf.h"
#include "base/err.h"
#include "host.h"

/** trust_list_text, trust_list_json - append it to @out; -1 as buf_add. */
int trust_list_text(const struct host *host, struct buf *out,
                    struct err *err) MUST_CHECK;
int trust_list_json(const struct host *host, struct buf *out,
                    struct err *err) MUST_CHECK;

#endif
