/* SPDX-License-Identifier: Apache-2.0 */
#include "docker_files.h"

#include <stdio.h>
#include <unistd.h>

#include "base/environment.h"
#include "files.h"

int docker_files_name(const struct request *request, struct docker_files *out,
                      struct err *err)
{
	/* Two for each file; the first that is set counts. */
	static const struct {
		const char *variable, *tail;
	} places[] = {
		{ "REGISTRY_AUTH_FILE", "" },
		{ "XDG_RUNTIME_DIR", "/containers/auth.json" },
		{ "DOCKER_CONFIG", "/config.json" },
		{ "HOME", "/.docker/config.json" },
	};
	bool is_named[DOCKER_FILES_MAX] = { false, false };

	*out = (struct docker_files){ .count = 0 };
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		const char *value = environment_find(request->environment,
		                                     places[i].variable);

		if (value == NULL || value[0] == '\0' || is_named[i / 2])
			continue;
		is_named[i / 2] = true;
		if (snprintf(out->paths[out->count], FS_PATH_MAX, "%s%s", value,
		             places[i].tail) >= FS_PATH_MAX)
			return err_set(err, ERR_LIMIT, 0, "$%s is too long",
			               places[i].variable);
		out->count++;
		out->is_explicit = out->is_explicit || i == 0;
		out->has_docker = out->has_docker || i >= 2;
	}
	return 0;
}

int docker_file_find(const char *path, const struct oci_reference *reference,
                     struct docker_credential *out, struct err *err)
{
	AUTO_SECRET struct buf text = BUF_LIMIT(DOCKER_CONFIG_MAX);
	int got;

	if (access(path, F_OK) < 0)
		return 0;
	if (file_read(path, &text, err) < 0)
		return -1;
	if (text.len == 0)
		return 0;
	got = docker_config_find(buf_text(&text), text.len, reference, out,
	                         err);
	return got < 0 ? err_wrap(err, "'%s'", path) : got;
}
