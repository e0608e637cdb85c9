/* SPDX-License-Identifier: Apache-2.0 */
#include "publish_credentials.h"

#include <string.h>

int publish_credentials_open(struct publish_credentials *out,
                             const struct request *request, struct err *err)
{
	(void)err;
	*out = (struct publish_credentials){
		.request = request,
		.line = BUF_LIMIT(PUBLISH_CREDENTIAL_MAX),
	};
	return 0;
}

static void wipe(struct buf *buf)
{
	if (buf->data != NULL)
		explicit_bzero(buf->data, buf->cap);
	buf_done(buf);
}

void publish_credentials_done(struct publish_credentials *credentials)
{
	wipe(&credentials->line);
}

int publish_credentials_registry(struct publish_credentials *credentials,
                                 const struct oci_reference *reference,
                                 struct publish_credential *out,
                                 struct err *err)
{
	(void)credentials;
	(void)reference;
	(void)out;
	(void)err;
	return 0;
}

int publish_credentials_github(struct publish_credentials *credentials,
                               const char *host, struct publish_credential *out,
                               struct err *err)
{
	(void)credentials;
	(void)host;
	(void)out;
	(void)err;
	return 0;
}

void publish_credential_fill(const struct publish_credential *credential,
                             struct source_wanted *wanted)
{
	wanted->token = buf_bytes(&credential->token);
	wanted->docker_config = buf_bytes(&credential->docker_config);
}

void publish_credential_done(struct publish_credential *credential)
{
	wipe(&credential->token);
	wipe(&credential->docker_config);
	credential->origin[0] = '\0';
}
