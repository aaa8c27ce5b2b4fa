package cognito

// notHere are the operations that AWS has and Bailey has not: multi-factor
// authentication, devices, passkeys, federation, managed login, imports, tags
// and a few more.
var notHere = []string{
	"AddCustomAttributes", "AddUserPoolClientSecret", "AdminDisableProviderForUser", "AdminForgetDevice", "AdminGetDevice",
	"AdminLinkProviderForUser", "AdminListDevices", "AdminListUserAuthEvents", "AdminSetUserMFAPreference", "AdminSetUserSettings",
	"AdminUpdateAuthEventFeedback", "AdminUpdateDeviceStatus", "AssociateSoftwareToken", "CompleteWebAuthnRegistration", "ConfirmDevice",
	"CreateIdentityProvider", "CreateManagedLoginBranding", "CreateResourceServer", "CreateTerms", "CreateUserImportJob",
	"CreateUserPoolDomain", "DeleteIdentityProvider", "DeleteManagedLoginBranding", "DeleteResourceServer", "DeleteTerms",
	"DeleteUserAttributes", "DeleteUserPoolClientSecret", "DeleteUserPoolDomain", "DeleteWebAuthnCredential", "DescribeIdentityProvider",
	"DescribeManagedLoginBranding", "DescribeManagedLoginBrandingByClient", "DescribeResourceServer", "DescribeRiskConfiguration",
	"DescribeTerms", "DescribeUserImportJob", "DescribeUserPoolDomain", "ForgetDevice", "GetCSVHeader", "GetDevice",
	"GetIdentityProviderByIdentifier", "GetLogDeliveryConfiguration", "GetSigningCertificate", "GetUICustomization", "GetUserAuthFactors",
	"ListDevices", "ListIdentityProviders", "ListResourceServers", "ListTagsForResource", "ListTerms", "ListUserImportJobs",
	"ListUserPoolClientSecrets", "ListWebAuthnCredentials", "SetLogDeliveryConfiguration", "SetRiskConfiguration", "SetUICustomization",
	"SetUserMFAPreference", "SetUserPoolMfaConfig", "SetUserSettings", "StartUserImportJob", "StartWebAuthnRegistration",
	"StopUserImportJob", "TagResource", "UntagResource", "UpdateAuthEventFeedback", "UpdateDeviceStatus", "UpdateIdentityProvider",
	"UpdateManagedLoginBranding", "UpdateResourceServer", "UpdateTerms", "UpdateUserPoolDomain", "VerifySoftwareToken",
}
