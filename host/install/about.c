/* SPDX-License-Identifier: Apache-2.0 */
/* The commands about the program itself: version, completion. */
#include "commands.h"
#include "report.h"
#include "request.h"

int command_version(void *context, struct err *err)
{
	AUTO_BUF struct buf out = BUF_NONE;

	(void)context;
	if (buf_adds(&out, "install-package " TIDEGATE_VERSION "\n", err) < 0)
		return -1;
	return report_text(&out, err);
}

int command_completion(void *context, struct err *err)
{
	AUTO_BUF struct buf out = BUF_NONE;

	(void)context;
	if (options_completion(&install_program, &out, err) < 0)
		return -1;
	return report_text(&out, err);
}
