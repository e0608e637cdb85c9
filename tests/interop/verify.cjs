// SPDX-License-Identifier: Apache-2.0
// A second opinion: @sigstore/verify behind the command line of the conformance
// suite, so that one test can ask both.
//
//   node verify.cjs --bundle F (--certificate-identity ID
//        --certificate-oidc-issuer URL | --key PUB) --trusted-root F FILE
'use strict';

const fs = require('node:fs');
const crypto = require('node:crypto');
const { parseArgs } = require('node:util');
const { bundleFromJSON } = require('@sigstore/bundle');
const { TrustedRoot } = require('@sigstore/protobuf-specs');
const { Verifier, toSignedEntity, toTrustMaterial } = require('@sigstore/verify');

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		bundle: { type: 'string' },
		'certificate-identity': { type: 'string' },
		'certificate-oidc-issuer': { type: 'string' },
		key: { type: 'string' },
		'trusted-root': { type: 'string' },
	},
});

const json = (file) => JSON.parse(fs.readFileSync(file, 'utf8'));

// It takes the identity for a regular expression: say it literally.
const literally = (text) => `^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`;

const policy = values.key
	? undefined
	: {
			subjectAlternativeName: literally(values['certificate-identity']),
			extensions: { issuer: values['certificate-oidc-issuer'] },
		};
const keys = () => ({
	publicKey: crypto.createPublicKey(fs.readFileSync(values.key)),
	validFor: () => true,
});

try {
	const material = toTrustMaterial(
		TrustedRoot.fromJSON(json(values['trusted-root'])),
		values.key ? keys : undefined,
	);
	const entity = toSignedEntity(
		bundleFromJSON(json(values.bundle)),
		fs.readFileSync(positionals[0]),
	);
	new Verifier(material).verify(entity, policy);
} catch (error) {
	console.error(`${error.code ?? error.name}: ${error.message}`);
	process.exit(1);
}
