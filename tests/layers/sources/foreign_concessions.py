"""Made files of concessions in countries without a pack; see foreign_file.py."""

from tests.layers.sources.foreign_file import Foreign

CONCESSIONS = [
    Foreign(
        "Chile, mining",  # made after the register of concessions, whose number is the rol nacional
        "concessions",
        """
        OBJECTID = :n
        ROL_NAC > code = 02201-0#-K
        NOMBRE > name = LOS ROBLES 1/20; EL ARRIERO; SANTA ROSA II; DON LUCHO 1 AL 10; MARÍA PAZ; QUILLAY; PEUMO; BOLDO
        TITULAR_NO > holder = MINERA CERRO PARDO SPA; SLM LOS ROBLES; PEDRO INVENTADO SOTO
        TITULAR_RU = 76.123.4#-5
        TIPO_CONCE = EXPLOTACION; EXPLORACION
        SITUACION_ > status = CONSTITUIDA; EN TRAMITE
        FECHA_INSC > granted_on = 2011-03-14; 2015-10-02; 2019-07-30; 2003-01-21
        HECTAREAS > area_official_ha = :ha*1.004
        COMUNA1 = PUTAENDO; PETORCA
        HUSO = 19
        SHAPE_Leng = :m
        """,
    ),
    Foreign(
        "Argentina, mining",
        "concessions",
        """
        gid = :n
        expediente > code = 1124-#-M-2014
        nom_mina > name = LA ESPERANZA; SAN CAYETANO; EL QUEBRACHO; CERRO MORO CHICO; LA PUNA; VIENTO SUR
        concesiona > holder = MINERA DEL OESTE S.A.; CATEOS ANDINOS SRL
        mineral > substance = Cobre; Oro y plata; Litio
        tipo_der = Manifestación de descubrimiento; Cateo
        estado_leg > status = Concedida; En trámite; Caduca
        fecha_sol > applied_on = 12/03/2014; 28/11/2016; 05/06/2012
        fecha_conc > granted_on = 17/09/2015; 30/01/2018; 25/10/2013
        sup_ha > area_official_ha = :ha*1.02
        depto = Iglesia; Calingasta
        fecha_act = 01/02/2025
        st_perimet = :m
        """,
    ),
    Foreign(
        "Panama, mining",
        "concessions",
        """
        OBJECTID = :n
        SIMBOLO > code = MSA-EXTR(piedra)#
        CONCESIONARIO > holder = Canteras del Istmo, S.A.; Grava Fina, S.A.
        REPRESENTANTE = Lic. A. Inventado; Lic. B. Supuesto
        MATERIAL > substance = Piedra de cantera; Arena; Tosca
        ETAPA > status = Concesión otorgada; Solicitud
        FECHA_SOLICITUD > applied_on = 2009-02-16; 2013-09-25
        VENCE > expires_on = 2034-01-09; 2040-08-17
        Hectareas > area_official_ha = :ha
        Provincia = Colón; Coclé
        created_date = 2023-05-05T14:02:11
        last_edited_user = gis_admin
        Shape__Area = :m2*1.3
        Shape__Length = :m
        """,
    ),
    Foreign(
        "Nicaragua, mining",
        "concessions",
        """
        Id = :n
        LOTE > name = LA CUCHILLA; COLÓN V; EL PAVÓN; ROSITA H-1; RÍO KUKRA; PIEDRA ALTA
        EMPRESA > holder = Minera del Caribe Seco, S.A.; Exploraciones Mombachito, S.A.
        AC_MINIST > code = 031-DM-#-2015
        SUSTANCIA > substance = Metálico; No metálico
        AREA_HA > area_official_ha = :ha*1.01
        F_OTORGA > granted_on = 14/07/2015; 23/02/2007
        F_VENCIM > expires_on = 14/07/2040; 23/02/2032
        TIPO = Metálica; Cantera
        MUNICIPIO = La Libertad; Rosita
        PERIM_M = :m
        """,
    ),
    Foreign(
        "Dominican Republic, mining",
        "concessions",
        """
        ObjectId = :n
        NO_RESOLUC > code = R-MEM-CM-#-2018
        NOMBRE_CON > name = La Yagua; Cerro Blanco; El Higo; Pico Prieto
        RAZON_SOCI > holder = Larimar del Sur, S.R.L.; Mármoles Antillanos, S.A.
        RNC = 1-31-2#-5
        SUST_MINER > substance = Larimar; Mármol; Oro
        CONDICION > status = Otorgada; Solicitud
        FECHA_SOLI > applied_on = 2016-04-05; 2017-11-09
        FECHA_OTOR > granted_on = 2018-02-22; 2019-08-13
        FECHA_VENC > expires_on = 2093-02-22; 2094-08-13
        HAS_MINERA > area_official_ha = :ha*1.01
        PROVINCIA = Barahona; Samaná
        SHAPE_STAr = :m2
        """,
    ),
    Foreign(
        "Guyana, mining",
        "concessions",
        """
        OBJECTID = :n
        File_No > code = PL 02/2009-#
        Licensee > holder = Upper River Gold Inc.; Tapir Resources Ltd
        Lic_Type = Prospecting Licence; Mining Permit
        Mineral > substance = Gold; Gold, diamond
        Date_App > applied_on = 2009-01-15; 2010-06-22
        Date_Iss > granted_on = 2009-11-30; 2011-02-18
        Exp_Date > expires_on = 2029-11-30; 2031-02-18
        Acres = :ha*2.471
        Hectares > area_official_ha = :ha
        Remarks = renewed; none
        Mining_Dis = Potaro; Cuyuni
        """,
    ),
    Foreign(
        "Uganda, mining",  # the names of FlexiCadastre as they were published (real)
        "concessions",
        """
        OBJECTID = :n
        CODE > code = EL1#
        PARTIES > holder = Ankole Minerals Ltd (100%); Rwenzori Prospects Ltd (60%), Kyoga Ltd (40%)
        TYPE = Exploration Licence; Location Licence
        TYPECODE = EL; LL
        STATUS > status = Active; Application
        COMMODITIES > substance = Tungsten; Gold, Tin
        COMMODITIESCD = W; Au, Sn
        DTEAPPLIED > applied_on = 1325376000000; 1388534400000
        DTEGRANTED > granted_on = 1341100800000; 1404172800000
        DTEEXPIRES > expires_on = 1435708800000; 1498780800000
        DTERENEWAL = none
        AREAVALUE > area_official_ha = :ha
        AREAUNIT = ha
        LEN = :m
        """,
    ),
    Foreign(
        "Liberia, concessions of all sectors",
        "concessions",
        """
        FID = :n
        Conc_ID > code = LR-C-#
        Conc_Name > name = Cavalla Estate; Putu Range; FMC Z; Nimba South; Grand Bassa Block 2
        Operator > holder = Palm Coast Inc.; Iron Range Ltd; Timber One Corp.
        Sector > kind = Agriculture; Mining; Forestry
        Lic_Status > status = Active; Expired
        Sign_Date > granted_on = 2010-09-03; 2008-06-17
        End_Date > expires_on = 2073-09-03; 2033-06-17
        Area_Ha > area_official_ha = :ha*1.01
        County = Maryland; Nimba
        Data_Srce = made for a test
        """,
    ),
    Foreign(
        "Mozambique, mining",
        "concessions",
        """
        OBJECTID = :n
        NumLicenca > code = 1#L
        Titular > holder = Minas do Zambeze, Lda; Areias Pesadas, S.A.
        TipoLicenca = Licença de Prospecção e Pesquisa; Concessão Mineira
        Recursos > substance = Ouro; Carvão; Grafite
        Estado > status = Em vigor; Pedido
        DataPedido > applied_on = 03/05/2012; 19/08/2014
        DataAtribuicao > granted_on = 14/02/2013; 27/05/2015
        DataValidade > expires_on = 14/02/2038; 27/05/2040
        AreaHa > area_official_ha = :ha
        Provincia = Tete; Zambézia
        Distrito = Moatize; Chinde
        Shape_Leng = :m
        """,
    ),
    Foreign(
        "Cameroon, timber sales",  # all but the office and the checker (real)
        "concessions",
        """
        OBJECTID = :n
        nom_vc > code = VC 08 07 #
        desc_type = Vente de coupe
        attributai > holder = Sté Forestière du Dja; Ets Bois Inventés
        exploitant = Sté Forestière du Dja; Sous-traitance Nkam
        statut_vc > status = Attribuée; Expirée
        date_attr > granted_on = 2014-05-20; 2016-10-11
        date_expr > expires_on = 2017-05-20; 2019-10-11
        sup_adm_ha > area_official_ha = :ha*1.02
        sup_sig_ha = :ha
        nom_delega = Délégation de l'Est
        verif_par = ok
        Shape__Length = :m
        """,
    ),
    Foreign(
        "Madagascar, mining",
        "concessions",
        """
        OBJECTID = :n
        num_permis > code = 14#
        type_perm = Permis de recherche; Permis PRE
        titulaire > holder = Saphir du Sud SARL; Rakoto Inventé
        substances > substance = Ilménite; Saphir; Graphite
        date_depot > applied_on = 2005-03-21; 2008-12-09
        date_octroi > granted_on = 2006-01-17; 2009-10-26
        date_echea > expires_on = 2046-01-17; 2049-10-26
        etat > status = Octroyé; En instance
        nb_carres = 4; 16; 64
        surface_ha > area_official_ha = :ha*1.01
        region = Anosy; Atsimo-Andrefana
        """,
    ),
]
