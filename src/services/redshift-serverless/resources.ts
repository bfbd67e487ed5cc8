/** AWS::RedshiftServerless::* for CloudFormation. */
import { resource } from '../resource.ts'

export const namespaceResource = resource('AWS::RedshiftServerless::Namespace', {
  replaceOn: ['NamespaceName', 'DbName'],
  async create(properties, r) {
    const name = properties.NamespaceName
    const made = await r.call('redshift-serverless').CreateNamespace({
      namespaceName: name,
      dbName: properties.DbName,
      adminUsername: properties.AdminUsername,
      adminUserPassword: properties.AdminUserPassword,
      iamRoles: properties.IamRoles,
      defaultIamRoleArn: properties.DefaultIamRoleArn,
    })
    const shown = made.namespace
    return {
      id: name,
      attributes: {
        Namespace: shown,
        'Namespace.NamespaceArn': shown?.namespaceArn,
        'Namespace.NamespaceId': shown?.namespaceId,
        'Namespace.NamespaceName': name,
        'Namespace.DbName': shown?.dbName,
      },
    }
  },
  async update(id, properties, _before, r) {
    await r.call('redshift-serverless').UpdateNamespace({
      namespaceName: id,
      iamRoles: properties.IamRoles,
      defaultIamRoleArn: properties.DefaultIamRoleArn,
    })
    return { id }
  },
  async delete(id, _properties, r) {
    const { namespaces = [] } = await r.call('redshift-serverless').ListNamespaces({})
    if (namespaces.some((namespace) => namespace.namespaceName === id))
      await r.call('redshift-serverless').DeleteNamespace({ namespaceName: id })
  },
})

export const workgroupResource = resource('AWS::RedshiftServerless::Workgroup', {
  replaceOn: ['WorkgroupName', 'NamespaceName'],
  async create(properties, r) {
    const { workgroup } = await r.call('redshift-serverless').CreateWorkgroup({
      workgroupName: properties.WorkgroupName,
      namespaceName: properties.NamespaceName,
      baseCapacity: properties.BaseCapacity === undefined ? undefined : Number(properties.BaseCapacity),
    })
    return {
      id: properties.WorkgroupName,
      attributes: {
        'Workgroup.WorkgroupArn': workgroup?.workgroupArn,
        'Workgroup.WorkgroupId': workgroup?.workgroupId,
        'Workgroup.WorkgroupName': workgroup?.workgroupName,
        'Workgroup.NamespaceName': workgroup?.namespaceName,
        'Workgroup.Endpoint.Address': workgroup?.endpoint?.address,
        'Workgroup.Endpoint.Port': workgroup?.endpoint?.port,
      },
    }
  },
  async update(id, properties, _before, r) {
    await r.call('redshift-serverless').UpdateWorkgroup({
      workgroupName: id,
      baseCapacity: properties.BaseCapacity === undefined ? undefined : Number(properties.BaseCapacity),
    })
    return { id }
  },
  async delete(id, _properties, r) {
    const { workgroups = [] } = await r.call('redshift-serverless').ListWorkgroups({})
    if (workgroups.some((workgroup) => workgroup.workgroupName === id))
      await r.call('redshift-serverless').DeleteWorkgroup({ workgroupName: id })
  },
})
